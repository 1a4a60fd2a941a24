/* disk_backend.h - what the two real backends share: every call but the queue's is the same system
 * call.
 */
#ifndef FLORIN_STORAGE_DISK_BACKEND_H
#define FLORIN_STORAGE_DISK_BACKEND_H

#include "storage/disk.h"

/* FL_UNSUPPORTED, with the reason, where the kernel or a container refuses io_uring. */
enum fl_status fl_disk_uring_create(struct fl_disk **out, struct fl_error *error);
enum fl_status fl_disk_threads_create(struct fl_disk **out, struct fl_error *error);

/* A disk with the backend's name and queue calls; all others are plain system calls. Null: no
 * memory. */
struct fl_disk *fl_disk_posix_create(const struct fl_disk_ops *queue_ops);

#endif
