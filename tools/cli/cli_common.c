#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/cli/cli.h"

static struct fl_option *option_find(const struct fl_arguments *arguments, const char *name,
                                     size_t length)
{
    for (unsigned i = 0; i < arguments->option_count; i++) {
        if (strlen(arguments->options[i].name) == length &&
            memcmp(arguments->options[i].name, name, length) == 0)
            return &arguments->options[i];
    }
    return NULL;
}

static void say_options(const struct fl_arguments *arguments)
{
    if (arguments->option_count == 0)
        return;
    fprintf(stderr, "it takes:");
    for (unsigned i = 0; i < arguments->option_count; i++)
        fprintf(stderr, " %s", arguments->options[i].name);
    fprintf(stderr, "\n");
}

bool fl_arguments_read(struct fl_arguments *arguments, int argc, char **argv)
{
    arguments->verb = argv[0];
    arguments->word_count = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0') {
            if (arguments->word_count < FL_ARGUMENTS_MAX)
                arguments->words[arguments->word_count++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word) : strlen(word);
        struct fl_option *option = option_find(arguments, word, length);
        if (!option) {
            fprintf(stderr, "florin %s: there is no option %s; ", argv[0], word);
            say_options(arguments);
            return false;
        }
        if (!option->takes_value) {
            option->value = "";
        } else if (equals) {
            option->value = equals + 1;
        } else if (i + 1 < argc) {
            option->value = argv[++i];
        } else {
            fprintf(stderr, "florin %s: %s needs a value\n", argv[0], word);
            return false;
        }
    }
    return true;
}

const char *fl_option_value(const struct fl_arguments *arguments, const char *name)
{
    struct fl_option *option = option_find(arguments, name, strlen(name));
    return option ? option->value : NULL;
}

/* "512M", "4G", or bytes. */
static bool read_bytes(const char *text, uint64_t *out)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift > 0)
        end++;
    *out = (uint64_t)n << shift;
    return end != text && *end == '\0' && n > 0 && *out >> shift == n;
}

static void show_progress(void *context, const char *phase, uint64_t done, uint64_t all)
{
    (void)context;
    fprintf(stderr, "\rreading %s: %3u %%", phase, all ? (unsigned)(done * 100 / all) : 100);
    if (done >= all)
        fprintf(stderr, "\r\033[K");
}

bool fl_cli_host_config(const struct fl_arguments *arguments, struct fl_host_config *config)
{
    const char *io = fl_option_value(arguments, "--io");
    const char *memory = fl_option_value(arguments, "--memory");
    const char *checkpoint = fl_option_value(arguments, "--checkpoint");
    memset(config, 0, sizeof *config);
    if (isatty(2))
        config->progress = show_progress;
    if (io && strcmp(io, "uring") == 0) {
        config->io = FL_IO_URING;
    } else if (io && strcmp(io, "threads") == 0) {
        config->io = FL_IO_THREADS;
    } else if (io && strcmp(io, "auto") != 0) {
        fprintf(stderr, "florin %s: --io is uring, threads or auto\n", arguments->verb);
        return false;
    }
    if (memory && !read_bytes(memory, &config->memory_bytes)) {
        fprintf(stderr, "florin %s: --memory is a size such as 512M or 4G\n", arguments->verb);
        return false;
    }
    if (checkpoint && !read_bytes(checkpoint, &config->checkpoint_bytes)) {
        fprintf(stderr, "florin %s: --checkpoint is a size such as 64M or 1G\n", arguments->verb);
        return false;
    }
    return true;
}

int fl_cli_fail(const char *verb, const struct fl_error *error)
{
    fprintf(stderr, "florin %s: %s\n", verb, error->message);
    switch (error->status) {
    case FL_UNREADABLE:
        return FL_EXIT_INPUT;
    case FL_EXISTS:
        return FL_EXIT_REFUSED;
    default:
        return FL_EXIT_STORAGE;
    }
}

int fl_cli_fail_open(const char *verb, const struct fl_error *error)
{
    int exit = fl_cli_fail(verb, error);
    return exit == FL_EXIT_INPUT ? FL_EXIT_STORAGE : exit;
}

struct fl_host *fl_cli_open_reading(const struct fl_arguments *arguments, const char *directory,
                                    int *exit_out)
{
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    struct fl_host *host = NULL;
    *exit_out = FL_EXIT_USAGE;
    if (!fl_cli_host_config(arguments, &config))
        return NULL;
    if (fl_host_open_reading(directory, &config, &host, &error) != FL_OK) {
        *exit_out = fl_cli_fail_open(arguments->verb, &error);
        return NULL;
    }
    *exit_out = FL_EXIT_DONE;
    return host;
}

int64_t fl_cli_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
