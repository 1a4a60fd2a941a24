#define _GNU_SOURCE /* statx, CPU_COUNT */

#include "bench/machine.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void read_cpu(char *out, size_t out_bytes)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        colon[strcspn(colon, "\n")] = 0;
        snprintf(out, out_bytes, "%s", colon);
        break;
    }
    fclose(file);
}

/* "36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/root rw": the id leads, the type follows
 * the lone dash. Mount ids, since device numbers differ between stat and mountinfo on btrfs. */
static void read_filesystem(const char *directory, char *out, size_t out_bytes)
{
    struct statx status;
    if (statx(AT_FDCWD, directory, 0, STATX_MNT_ID, &status) != 0 ||
        !(status.stx_mask & STATX_MNT_ID))
        return;
    FILE *file = fopen("/proc/self/mountinfo", "r");
    if (!file)
        return;
    char line[4096];
    while (fgets(line, sizeof line, file)) {
        char *dash = strstr(line, " - ");
        if (!dash || strtoull(line, NULL, 10) != status.stx_mnt_id)
            continue;
        dash += 3;
        snprintf(out, out_bytes, "%.*s", (int)strcspn(dash, " \n"), dash);
        break;
    }
    fclose(file);
}

void fl_machine_describe(struct fl_machine *machine, const char *directory)
{
    memset(machine, 0, sizeof *machine);
    snprintf(machine->cpu, sizeof machine->cpu, "unknown");
    snprintf(machine->kernel, sizeof machine->kernel, "unknown");
    snprintf(machine->filesystem, sizeof machine->filesystem, "unknown");
    read_cpu(machine->cpu, sizeof machine->cpu);
    read_filesystem(directory, machine->filesystem, sizeof machine->filesystem);

    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        machine->core_count = (uint32_t)CPU_COUNT(&cores);
    struct sysinfo memory;
    if (sysinfo(&memory) == 0)
        machine->memory_bytes = (uint64_t)memory.totalram * memory.mem_unit;
    struct utsname names;
    if (uname(&names) == 0)
        snprintf(machine->kernel, sizeof machine->kernel, "%.60s %.60s", names.sysname,
                 names.release);
}
