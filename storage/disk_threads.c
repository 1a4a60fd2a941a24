/* disk_threads.c - block writes by one thread a queue: where io_uring is refused.
 *
 * Requests go to the thread and come back in order through two short rings under one mutex; the
 * caller who only looks (wait = false) reads one atomic counter. The thread sleeps on a condition:
 * at one write in flight the wake costs some 10 us of a write's 150 and more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "storage/disk_backend.h"

struct done_write {
    struct fl_disk_write *write;
    int64_t result;
};

struct thread_queue {
    struct fl_disk_queue queue;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t asked, answered;
    int event; /* readable while something is done and not reaped */
    bool stopping;
    struct fl_disk_write *todo[FL_DISK_WRITES_MAX];
    struct done_write done[FL_DISK_WRITES_MAX];
    uint32_t todo_first, todo_count, done_first, done_count;
    /* Stored with release after done[] was filled; pairs with the acquire in thread_queue_next. */
    atomic_uint_fast32_t done_seen;
};

static int64_t write_once(const struct fl_disk_write *write)
{
    struct iovec piece = {.iov_base = (char *)(uintptr_t)write->data + write->bytes_done,
                          .iov_len = write->bytes - write->bytes_done};
    off_t offset = (off_t)(write->offset + write->bytes_done);
    int64_t n = pwritev2(write->file.handle, &piece, 1, offset, 0);
    if (n < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
        n = pwritev(write->file.handle, &piece, 1, offset);
    return n < 0 ? -(int64_t)errno : n;
}

static void publish(struct thread_queue *threads, struct fl_disk_write *write, int64_t result)
{
    uint32_t at = (threads->done_first + threads->done_count) % FL_DISK_WRITES_MAX;
    FL_ASSERT(threads->done_count < FL_DISK_WRITES_MAX);
    threads->done[at] = (struct done_write){.write = write, .result = result};
    threads->done_count++;
    atomic_store_explicit(&threads->done_seen, threads->done_count, memory_order_release);
    eventfd_write(threads->event, 1);
    pthread_cond_signal(&threads->answered);
}

static void *serve(void *context)
{
    struct thread_queue *threads = context;
    pthread_mutex_lock(&threads->mutex);
    for (;;) {
        while (threads->todo_count == 0 && !threads->stopping)
            pthread_cond_wait(&threads->asked, &threads->mutex);
        if (threads->todo_count == 0)
            break;
        struct fl_disk_write *write = threads->todo[threads->todo_first];
        threads->todo_first = (threads->todo_first + 1) % FL_DISK_WRITES_MAX;
        threads->todo_count--;
        pthread_mutex_unlock(&threads->mutex);
        int64_t result = write_once(write);
        pthread_mutex_lock(&threads->mutex);
        publish(threads, write, result);
    }
    pthread_mutex_unlock(&threads->mutex);
    return NULL;
}

static int thread_queue_open(struct fl_disk *disk, struct fl_disk_queue **out)
{
    struct thread_queue *threads = calloc(1, sizeof *threads);
    if (!threads)
        return -ENOMEM;
    threads->queue.disk = disk;
    threads->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (threads->event < 0) {
        int code = -errno;
        free(threads);
        return code;
    }
    pthread_mutex_init(&threads->mutex, NULL);
    pthread_cond_init(&threads->asked, NULL);
    pthread_cond_init(&threads->answered, NULL);
    int code = pthread_create(&threads->thread, NULL, serve, threads);
    if (code != 0) {
        close(threads->event);
        free(threads);
        return -code;
    }
    *out = &threads->queue;
    return 0;
}

static int thread_queue_submit(struct fl_disk_queue *queue, struct fl_disk_write *write)
{
    struct thread_queue *threads = (struct thread_queue *)queue;
    pthread_mutex_lock(&threads->mutex);
    FL_ASSERT(threads->todo_count < FL_DISK_WRITES_MAX);
    threads->todo[(threads->todo_first + threads->todo_count) % FL_DISK_WRITES_MAX] = write;
    threads->todo_count++;
    pthread_cond_signal(&threads->asked);
    pthread_mutex_unlock(&threads->mutex);
    return 0;
}

static struct fl_disk_write *thread_queue_next(struct fl_disk_queue *queue, bool wait,
                                               int64_t *result_out)
{
    struct thread_queue *threads = (struct thread_queue *)queue;
    if (!wait && atomic_load_explicit(&threads->done_seen, memory_order_acquire) == 0)
        return NULL;
    pthread_mutex_lock(&threads->mutex);
    while (threads->done_count == 0)
        pthread_cond_wait(&threads->answered, &threads->mutex);
    struct done_write done = threads->done[threads->done_first];
    threads->done_first = (threads->done_first + 1) % FL_DISK_WRITES_MAX;
    threads->done_count--;
    atomic_store_explicit(&threads->done_seen, threads->done_count, memory_order_release);
    if (threads->done_count == 0) {
        eventfd_t drained;
        eventfd_read(threads->event, &drained);
    }
    pthread_mutex_unlock(&threads->mutex);
    *result_out = done.result;
    return done.write;
}

static int thread_queue_fd(struct fl_disk_queue *queue)
{
    return ((struct thread_queue *)queue)->event;
}

static void thread_queue_close(struct fl_disk_queue *queue)
{
    struct thread_queue *threads = (struct thread_queue *)queue;
    pthread_mutex_lock(&threads->mutex);
    threads->stopping = true;
    pthread_cond_signal(&threads->asked);
    pthread_mutex_unlock(&threads->mutex);
    pthread_join(threads->thread, NULL);
    pthread_cond_destroy(&threads->asked);
    pthread_cond_destroy(&threads->answered);
    pthread_mutex_destroy(&threads->mutex);
    close(threads->event);
    free(threads);
}

enum fl_status fl_disk_threads_create(struct fl_disk **out, struct fl_error *error)
{
    static const struct fl_disk_ops ops = {.name = "threads",
                                           .queue_open = thread_queue_open,
                                           .queue_submit = thread_queue_submit,
                                           .queue_next = thread_queue_next,
                                           .queue_fd = thread_queue_fd,
                                           .queue_close = thread_queue_close};
    struct fl_disk *disk = fl_disk_posix_create(&ops);
    if (!disk)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for the disk");
    *out = disk;
    return FL_OK;
}
