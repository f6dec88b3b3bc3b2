// An archive in a file by its descriptor: sink, source and rewind for archive.h, whose `arg` points
// at the descriptor; and the work itself in a thread of the pool, with somebody who is told how far
// it is. From a fiber where it says so.
#pragma once

#include "data/jobs.h"
#include "domain/archive.h"

bool archive_file_write(void *fd, struct str bytes);
ptrdiff_t archive_file_read(void *fd, char *room, size_t len);
bool archive_file_rewind(void *fd);

// Runs `work` in the pool while the job's lease is made longer and `tell` is called about once a
// second with the number of rows. False when the pool is full or the lease was lost. From a fiber.
struct archive_watch {
    struct job *job;
    void (*work)(void *arg);
    void (*tell)(struct arena *a, void *arg, int64_t rows);
    void *arg;
    int64_t rows; // counted by `work`, atomically
};
bool archive_work(struct archive_watch *w);
