#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/disk_sim.h"
#include "tests/support/wal_fixture.h"

#define PAGE 4096u

/* The same claims for all three backends: 0 io_uring, 1 threads, 2 simulated. */
struct place {
    struct fl_disk *disk;
    char folder[256];
    char file[300];
};

static void begin(struct place *place, int backend)
{
    memset(place, 0, sizeof *place);
    if (backend == 2) {
        cr_assert_eq(fl_disk_sim_create(3, &place->disk), FL_OK);
        strcpy(place->folder, "/shop");
        cr_assert_eq(fl_disk_make_dir(place->disk, place->folder, NULL), FL_OK);
    } else {
        fl_temp_dir_make(place->folder);
        cr_assert_eq(fl_disk_open(backend ? FL_DISK_THREADS : FL_DISK_URING, &place->disk, NULL),
                     FL_OK);
    }
    snprintf(place->file, sizeof place->file, "%s/file", place->folder);
}

static void end(struct place *place, int backend)
{
    fl_disk_close(place->disk);
    if (backend != 2)
        fl_temp_dir_remove(place->folder);
}

static struct fl_file open_file(struct place *place, unsigned flags)
{
    struct fl_file file;
    struct fl_error error = {.status = FL_OK};
    cr_assert_eq(fl_disk_open_file(place->disk, place->file, flags, &file, &error), FL_OK, "%s",
                 error.message);
    return file;
}

static const unsigned log_flags = FL_DISK_WRITE | FL_DISK_CREATE | FL_DISK_DIRECT | FL_DISK_SYNCED;

Test(disk, d2_eight_writes_may_be_under_way_and_all_come_back)
{
    for (int backend = 0; backend < 3; backend++) {
        struct place place;
        begin(&place, backend);
        struct fl_file file = open_file(&place, log_flags);
        struct fl_disk_queue *queue;
        cr_assert_eq(fl_disk_queue_open(place.disk, &queue, NULL), FL_OK);
        unsigned char *pages = aligned_alloc(PAGE, 9 * PAGE);
        struct fl_disk_write writes[9];
        for (unsigned i = 0; i < 9; i++) {
            memset(pages + i * PAGE, (int)i + 1, PAGE);
            writes[i] = (struct fl_disk_write){
                .file = file, .data = pages + i * PAGE, .offset = i * PAGE, .bytes = PAGE};
            cr_assert_eq(fl_disk_queue_submit(queue, &writes[i]), i < 8 ? FL_OK : FL_BUSY);
        }
        for (int i = 0; i < 8; i++) {
            struct fl_disk_write *done = fl_disk_queue_reap(queue, true);
            cr_assert_not_null(done);
            cr_assert_eq(done->status, FL_OK);
        }
        cr_assert_null(fl_disk_queue_reap(queue, true), "none is under way");
        fl_disk_queue_close(queue);
        unsigned char back[8 * PAGE];
        size_t bytes = 0;
        cr_assert_eq(fl_disk_read(place.disk, &file, back, 0, 0, &bytes, NULL), FL_OK);
        fl_disk_close_file(place.disk, &file);
        file = open_file(&place, 0);
        cr_assert_eq(fl_disk_read(place.disk, &file, back, sizeof back, 0, &bytes, NULL), FL_OK);
        cr_assert_eq(bytes, sizeof back);
        cr_assert_eq(memcmp(back, pages, sizeof back), 0);
        fl_disk_close_file(place.disk, &file);
        free(pages);
        end(&place, backend);
    }
}

Test(disk, a_completion_can_be_polled_for)
{
    for (int backend = 0; backend < 2; backend++) {
        struct place place;
        begin(&place, backend);
        struct fl_file file = open_file(&place, log_flags);
        struct fl_disk_queue *queue;
        cr_assert_eq(fl_disk_queue_open(place.disk, &queue, NULL), FL_OK);
        void *page = aligned_alloc(PAGE, PAGE);
        memset(page, 1, PAGE);
        struct fl_disk_write write = {.file = file, .data = page, .bytes = PAGE};
        struct pollfd wait = {.fd = fl_disk_queue_fd(queue), .events = POLLIN};
        for (int i = 0; i < 3; i++) {
            cr_assert_eq(poll(&wait, 1, 0), 0, "nothing is there yet");
            cr_assert_eq(fl_disk_queue_submit(queue, &write), FL_OK);
            cr_assert_eq(poll(&wait, 1, 10000), 1);
            cr_assert_eq(fl_disk_queue_reap(queue, false), &write);
        }
        fl_disk_queue_close(queue);
        fl_disk_close_file(place.disk, &file);
        free(page);
        end(&place, backend);
    }
}

Test(disk, names_sizes_and_answers_are_the_same_on_all_backends)
{
    for (int backend = 0; backend < 3; backend++) {
        struct place place;
        begin(&place, backend);
        struct fl_file file;
        struct fl_error error = {.status = FL_OK};
        cr_assert_eq(fl_disk_open_file(place.disk, place.file, 0, &file, &error), FL_UNREADABLE);
        cr_assert(strstr(error.message, "/file: open: No such file"));
        file = open_file(&place, FL_DISK_WRITE | FL_DISK_CREATE | FL_DISK_EXCLUSIVE);
        cr_assert_eq(fl_disk_open_file(place.disk, place.file,
                                       FL_DISK_WRITE | FL_DISK_CREATE | FL_DISK_EXCLUSIVE, &file,
                                       NULL),
                     FL_EXISTS);
        file = open_file(&place, FL_DISK_WRITE);
        uint64_t size = 1;
        cr_assert_eq(fl_disk_write(place.disk, &file, "abc", 3, 5, NULL), FL_OK);
        cr_assert_eq(fl_disk_size(place.disk, &file, &size, NULL), FL_OK);
        cr_assert_eq(size, 8);
        char back[16];
        size_t bytes;
        cr_assert_eq(fl_disk_read(place.disk, &file, back, 16, 0, &bytes, NULL), FL_OK);
        cr_assert_eq(bytes, 8);
        cr_assert_eq(memcmp(back, "\0\0\0\0\0abc", 8), 0);
        cr_assert_eq(fl_disk_truncate(place.disk, &file, 6, NULL), FL_OK);
        cr_assert_eq(fl_disk_size(place.disk, &file, &size, NULL), FL_OK);
        cr_assert_eq(size, 6);
        cr_assert_eq(fl_disk_make_dir(place.disk, place.folder, NULL), FL_EXISTS);
        char other[300];
        snprintf(other, sizeof other, "%s/other", place.folder);
        cr_assert_eq(fl_disk_rename(place.disk, place.file, other, NULL), FL_OK);
        cr_assert_eq(fl_disk_sync_dir(place.disk, place.folder, NULL), FL_OK);
        cr_assert_eq(fl_disk_unlink(place.disk, place.file, NULL), FL_UNREADABLE);
        cr_assert_eq(fl_disk_unlink(place.disk, other, NULL), FL_OK);
        fl_disk_close_file(place.disk, &file);
        end(&place, backend);
    }
}

Test(disk, a_lock_is_one_holders_or_shared)
{
    for (int backend = 0; backend < 3; backend++) {
        struct place place;
        begin(&place, backend);
        struct fl_file a = open_file(&place, FL_DISK_WRITE | FL_DISK_CREATE);
        struct fl_file b = open_file(&place, 0), c = open_file(&place, 0);
        cr_assert_eq(fl_disk_lock(place.disk, &a, false, NULL), FL_OK);
        cr_assert_eq(fl_disk_lock(place.disk, &b, false, NULL), FL_LOCKED);
        cr_assert_eq(fl_disk_lock(place.disk, &b, true, NULL), FL_LOCKED);
        fl_disk_close_file(place.disk, &a);
        cr_assert_eq(fl_disk_lock(place.disk, &b, true, NULL), FL_OK);
        cr_assert_eq(fl_disk_lock(place.disk, &c, true, NULL), FL_OK);
        fl_disk_close_file(place.disk, &b);
        fl_disk_close_file(place.disk, &c);
        end(&place, backend);
    }
}

Test(disk, a_big_file_goes_by_pieces_of_eight_mebibytes)
{
    for (int backend = 1; backend < 3; backend++) {
        struct place place;
        begin(&place, backend);
        struct fl_file file = open_file(&place, FL_DISK_WRITE | FL_DISK_CREATE);
        cr_assert_eq(fl_disk_truncate(place.disk, &file, 20u << 20, NULL), FL_OK);
        fl_disk_close_file(place.disk, &file);
        bool gone = false;
        int steps = 0;
        for (; !gone; steps++)
            cr_assert_eq(fl_disk_remove_step(place.disk, place.file, &gone, NULL), FL_OK);
        cr_assert_eq(steps, 3);
        cr_assert_eq(fl_disk_remove_step(place.disk, place.file, &gone, NULL), FL_OK);
        cr_assert(gone);
        end(&place, backend);
    }
}

Test(disk, d4_short_and_interrupted_transfers_are_completed)
{
    struct place place;
    begin(&place, 2);
    struct fl_disk_sim_faults faults = {
        .short_write_ppm = 400000, .interrupted_ppm = 300000, .again_ppm = 300000};
    fl_disk_sim_set_faults(place.disk, &faults);
    struct fl_file file = open_file(&place, log_flags);
    struct fl_disk_queue *queue;
    cr_assert_eq(fl_disk_queue_open(place.disk, &queue, NULL), FL_OK);
    unsigned char *data = aligned_alloc(PAGE, 64 * PAGE), *back = malloc(64 * PAGE);
    for (unsigned i = 0; i < 64 * PAGE; i++)
        data[i] = (unsigned char)(i * 31 + i / PAGE);
    for (int round = 0; round < 50; round++) {
        struct fl_disk_write write = {
            .file = file, .data = data, .bytes = 64 * PAGE, .offset = (uint64_t)round * 64 * PAGE};
        cr_assert_eq(fl_disk_queue_submit(queue, &write), FL_OK);
        struct fl_disk_write *done = fl_disk_queue_reap(queue, true);
        cr_assert_eq(done, &write);
        cr_assert_eq(done->status, FL_OK);
        size_t bytes;
        cr_assert_eq(fl_disk_read(place.disk, &file, back, 64 * PAGE, write.offset, &bytes, NULL),
                     FL_OK);
        cr_assert_eq(memcmp(back, data, 64 * PAGE), 0);
    }
    fl_disk_queue_close(queue);
    fl_disk_close_file(place.disk, &file);
    free(data);
    free(back);
    end(&place, 2);
}

Test(disk, d4_a_read_error_is_repeated_once_and_a_write_error_never)
{
    struct place place;
    begin(&place, 2);
    struct fl_file file = open_file(&place, FL_DISK_WRITE | FL_DISK_CREATE);
    cr_assert_eq(fl_disk_write(place.disk, &file, "x", 1, 0, NULL), FL_OK);
    fl_disk_sim_set_faults(place.disk, &(struct fl_disk_sim_faults){.read_error_ppm = 300000});
    char back;
    size_t bytes;
    int failed = 0;
    for (int i = 0; i < 1000; i++)
        failed += fl_disk_read(place.disk, &file, &back, 1, 0, &bytes, NULL) == FL_IO_ERROR;
    cr_assert(failed > 40 && failed < 160, "%d: two in a row are rare", failed); /* 0.09 of them */
    fl_disk_sim_set_faults(place.disk, &(struct fl_disk_sim_faults){.write_error_ppm = 300000});
    failed = 0;
    for (int i = 0; i < 1000; i++)
        failed += fl_disk_write(place.disk, &file, "x", 1, 0, NULL) == FL_IO_ERROR;
    cr_assert(failed > 230 && failed < 370, "%d", failed);
    fl_disk_close_file(place.disk, &file);
    end(&place, 2);
}

/* A file of the kernel's that takes no O_DIRECT stands for a filesystem that does not. */
Test(disk, where_direct_is_refused_the_page_cache_is_used_and_it_is_said)
{
    struct fl_disk *disk;
    struct fl_file file;
    cr_assert_eq(fl_disk_open(FL_DISK_THREADS, &disk, NULL), FL_OK);
    cr_assert_str_eq(fl_disk_note(disk), "");
    cr_assert_eq(fl_disk_open_file(disk, "/proc/self/comm", FL_DISK_DIRECT, &file, NULL), FL_OK);
    cr_assert(strstr(fl_disk_note(disk), "O_DIRECT"));
    fl_disk_close_file(disk, &file);
    fl_disk_close(disk);
}

/* As a container does: the kernel answers EPERM to io_uring_setup. */
static int without_uring(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 4, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 77;
    struct fl_disk *disk = NULL;
    struct fl_error error = {.status = FL_OK};
    if (fl_disk_open(FL_DISK_URING, &disk, &error) != FL_UNSUPPORTED)
        return 1;
    if (fl_disk_open(FL_DISK_AUTO, &disk, NULL) != FL_OK)
        return 2;
    bool said = strstr(fl_disk_note(disk), "io_uring refused: Operation not permitted") &&
                strcmp(fl_disk_name(disk), "threads") == 0;
    fl_disk_close(disk);
    return said ? 0 : 3;
}

Test(disk, auto_falls_back_to_threads_where_io_uring_is_refused_and_says_so)
{
    pid_t child = fork();
    if (child == 0)
        _exit(without_uring());
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        cr_skip("seccomp is refused here");
    cr_assert_eq(WEXITSTATUS(status), 0);
}
