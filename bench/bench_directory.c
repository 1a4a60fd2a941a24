#include "bench/bench_directory.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 100000u /* commands built before they are sent */

static void remove_all(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

bool fl_bench_directory_say(const struct fl_bench_directory *d, const char *what)
{
    fprintf(stderr, "florin bench: %s: %s\n", what, d->error.message);
    return false;
}

bool fl_bench_directory_open(struct fl_bench_directory *d, const struct fl_bench_options *options,
                             size_t command_bytes)
{
    /* No checkpoint by itself: a replay must apply every record, a window have the two it begins.
     */
    struct fl_host_config config = {.checkpoint_bytes = UINT64_C(1) << 50};
    *d = (struct fl_bench_directory){.options = options, .customers = fl_bench_customers(options)};
    snprintf(d->path, sizeof d->path, "%s/florin-bench-%d", options->directory, (int)getpid());
    remove_all(d->path);
    if (!fl_bench_commands_open(&d->commands, command_bytes)) {
        fl_error_set(&d->error, FL_NO_MEMORY, "no memory for commands");
        return fl_bench_directory_say(d, "open");
    }
    if (fl_host_init(d->path, &d->error) != FL_OK ||
        fl_host_open(d->path, &config, &d->host, &d->error) != FL_OK)
        return fl_bench_directory_say(d, "open");
    return fl_producer_open(d->host, &d->producer) == FL_OK;
}

bool fl_bench_directory_stop(struct fl_bench_directory *d)
{
    if (d->producer)
        fl_producer_close(d->producer);
    d->producer = NULL;
    enum fl_status status = d->host ? fl_host_close(d->host, &d->error) : FL_OK;
    d->host = NULL;
    return status == FL_OK || fl_bench_directory_say(d, "close");
}

bool fl_bench_directory_close(struct fl_bench_directory *d)
{
    bool good = fl_bench_directory_stop(d);
    if (d->refused > 0)
        fprintf(stderr, "florin bench: %llu commands were refused\n",
                (unsigned long long)d->refused);
    remove_all(d->path);
    fl_bench_commands_close(&d->commands);
    return good && d->refused == 0;
}

void fl_bench_directory_receive(struct fl_bench_directory *d, bool wait)
{
    const struct fl_result *result;
    while ((result = fl_producer_receive(d->producer, wait)) != NULL)
        d->refused += result->status != FL_OK;
}

double fl_bench_directory_send(struct fl_bench_directory *d)
{
    const char *at = d->commands.bytes, *end = at + d->commands.used;
    double start = fl_bench_now_s();
    for (uint64_t n = 0; at < end; n++) {
        const struct fl_command *command = (const struct fl_command *)at;
        enum fl_status status;
        while ((status = fl_producer_send(d->producer, command, n)) == FL_BUSY)
            fl_bench_directory_receive(d, false);
        d->refused += status != FL_OK;
        at += command->bytes;
        if ((n & 63) == 0)
            fl_bench_directory_receive(d, false);
    }
    fl_bench_directory_receive(d, true);
    return fl_bench_now_s() - start;
}

/* Sends what was built, if it is enough or the last. */
static void pass_on(struct fl_bench_directory *d, bool last)
{
    if (d->commands.count < AT_ONCE && !last)
        return;
    fl_bench_directory_send(d);
    fl_bench_commands_clear(&d->commands);
}

void fl_bench_directory_masters(struct fl_bench_directory *d)
{
    for (uint32_t i = 0; i < FL_BENCH_PRODUCTS; i++)
        fl_bench_add_product(&d->commands, i);
    for (uint32_t i = 0; i < d->customers; i++) {
        fl_bench_add_customer(&d->commands, i);
        pass_on(d, i + 1 == d->customers);
    }
}

void fl_bench_directory_invoices(struct fl_bench_directory *d, uint32_t count)
{
    uint64_t state = UINT64_C(88172645463325252);
    for (uint32_t i = 0; i < count; i++) {
        fl_bench_add_invoice(&d->commands, i, (uint32_t)(fl_bench_random(&state) % d->customers));
        pass_on(d, i + 1 == count);
    }
}
