/* disk_uring.c - block writes through io_uring: submitted without waiting, seen done by reading
 * shared memory, so the thread that fills the next block needs no second one.
 *
 * The submission and completion queues hold twice FL_DISK_WRITES_MAX entries (D2). No flags that
 * tie the ring to one thread: it is opened before the threads start.
 */
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/disk_backend.h"

struct uring_queue {
    struct fl_disk_queue queue;
    struct io_uring ring;
};

static int uring_queue_open(struct fl_disk *disk, struct fl_disk_queue **out)
{
    struct uring_queue *uring = calloc(1, sizeof *uring);
    if (!uring)
        return -ENOMEM;
    uring->queue.disk = disk;
    int code = io_uring_queue_init(2 * FL_DISK_WRITES_MAX, &uring->ring, 0);
    if (code < 0) {
        free(uring);
        return code;
    }
    *out = &uring->queue;
    return 0;
}

static int uring_queue_submit(struct fl_disk_queue *queue, struct fl_disk_write *write)
{
    struct uring_queue *uring = (struct uring_queue *)queue;
    struct io_uring_sqe *sqe = NULL;
    /* An entry that an interrupted call left in the ring is the same write: submit that one. */
    if (io_uring_sq_ready(&uring->ring) == 0) {
        sqe = io_uring_get_sqe(&uring->ring);
        FL_ASSERT(sqe);
        io_uring_prep_write(sqe, write->file.handle, (const char *)write->data + write->bytes_done,
                            write->bytes - write->bytes_done, write->offset + write->bytes_done);
        io_uring_sqe_set_data(sqe, write);
    }
    int code = io_uring_submit(&uring->ring);
    if (code == -EBUSY)
        return -EAGAIN;
    return code < 0 ? code : code == 0 ? -EAGAIN : 0;
}

static struct fl_disk_write *uring_queue_next(struct fl_disk_queue *queue, bool wait,
                                              int64_t *result_out)
{
    struct uring_queue *uring = (struct uring_queue *)queue;
    struct io_uring_cqe *cqe = NULL;
    int code;
    do {
        code = wait ? io_uring_wait_cqe(&uring->ring, &cqe) : io_uring_peek_cqe(&uring->ring, &cqe);
    } while (wait && (code == -EINTR || code == -EAGAIN));
    if (code < 0)
        return NULL;
    struct fl_disk_write *write = io_uring_cqe_get_data(cqe);
    *result_out = cqe->res;
    io_uring_cqe_seen(&uring->ring, cqe);
    return write;
}

/* The ring itself can be polled: readable while it holds a completion. */
static int uring_queue_fd(struct fl_disk_queue *queue)
{
    return ((struct uring_queue *)queue)->ring.ring_fd;
}

static void uring_queue_close(struct fl_disk_queue *queue)
{
    struct uring_queue *uring = (struct uring_queue *)queue;
    io_uring_queue_exit(&uring->ring);
    free(uring);
}

/* A ring that cannot write plainly (before 5.6) is as good as none. */
static enum fl_status probe(struct fl_error *error)
{
    struct io_uring ring;
    int code = io_uring_queue_init(2, &ring, 0);
    if (code < 0)
        return fl_error_set(error, FL_UNSUPPORTED, "io_uring refused: %s", strerror(-code));
    struct io_uring_probe *facts = io_uring_get_probe_ring(&ring);
    bool can_write = facts && io_uring_opcode_supported(facts, IORING_OP_WRITE);
    io_uring_free_probe(facts);
    io_uring_queue_exit(&ring);
    if (!can_write)
        return fl_error_set(error, FL_UNSUPPORTED, "io_uring cannot write on this kernel");
    return FL_OK;
}

enum fl_status fl_disk_uring_create(struct fl_disk **out, struct fl_error *error)
{
    static const struct fl_disk_ops ops = {.name = "uring",
                                           .queue_open = uring_queue_open,
                                           .queue_submit = uring_queue_submit,
                                           .queue_next = uring_queue_next,
                                           .queue_fd = uring_queue_fd,
                                           .queue_close = uring_queue_close};
    FL_TRY(probe(error));
    struct fl_disk *disk = fl_disk_posix_create(&ops);
    if (!disk)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for the disk");
    *out = disk;
    return FL_OK;
}
