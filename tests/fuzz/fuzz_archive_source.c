/* Any bytes as a zip or gzip: no crash, no more than the stated limits, every failure has its
 * reason, and a member that was rewound reads as before. */
#define _GNU_SOURCE /* memfd_create */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/contract.h"
#include "tools/format/archive_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its bytes' hash; false where reading fails. */
static bool member_read(struct fl_byte_source member, uint64_t *given, uint64_t *hash)
{
    static char block[1u << 16];
    ssize_t got;
    *hash = 0xcbf29ce484222325u;
    while ((got = member.read(member.context, block, sizeof block)) > 0) {
        *given += (uint64_t)got;
        for (ssize_t i = 0; i < got; i++) /* however it comes in pieces */
            *hash = (*hash ^ (unsigned char)block[i]) * 0x100000001b3u;
    }
    if (got < 0)
        FL_ASSERT(member.why(member.context)[0] != '\0');
    return got == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fl_archive *archive;
    struct fl_error error = {.status = FL_OK};
    if (!fl_archive_is((const char *)data, size))
        return 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FL_ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (fl_archive_open(fd, "fuzz", &archive, &error) == FL_OK) {
        uint64_t given = 0, again = 0;
        for (uint32_t steps = 0;; steps++) {
            struct fl_byte_source member;
            uint64_t first, second;
            FL_ASSERT(steps <= FL_ARCHIVE_MEMBERS_MAX + 2);
            error.message[0] = '\0';
            enum fl_status status = fl_archive_next(archive, &member, &error);
            if (status == FL_OK && !member.read)
                break;
            FL_ASSERT(member.name != NULL && strlen(member.name) <= FL_ARCHIVE_NAME_MAX);
            FL_ASSERT(status == FL_OK || error.message[0] != '\0');
            if (status == FL_OK && member_read(member, &given, &first) &&
                member.rewind(member.context)) {
                FL_ASSERT(member_read(member, &again, &second) && first == second);
            }
        }
        FL_ASSERT(given <= FL_ARCHIVE_FREE_BYTES + size * FL_ARCHIVE_RATIO_MAX + (1u << 17));
        fl_archive_close(archive);
    }
    close(fd);
    return 0;
}
