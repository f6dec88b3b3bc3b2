// Archives: POSIX ustar inside gzip, written and read as a stream, one member at a time, so that
// one of any size takes the memory of its largest member. Plain files with short names only; a
// reader refuses everything else. Pure computation over the caller's source and sink; any thread.
#pragma once

#include "base/str.h"

enum { TAR_NAME_MAX = 99, TAR_MEMBER_MAX = 64 << 20 };

// Takes packed bytes; false ends the writing.
typedef bool (*tar_sink)(void *arg, struct str bytes);
// Fills `room` bytes as far as it can: how many, 0 at the end, -1 when it failed.
typedef ptrdiff_t (*tar_source)(void *arg, char *room, size_t len);

struct tar_writer;
struct tar_reader;

// Lives in the arena; ends with tar_finish, or with tar_abandon after a failure.
struct tar_writer *tar_create(struct arena *a, tar_sink sink, void *arg, int64_t time_s);
bool tar_add(struct tar_writer *w, struct str name, struct str bytes);
bool tar_finish(struct tar_writer *w);
void tar_abandon(struct tar_writer *w);

enum tar_result {
    TAR_MEMBER,
    TAR_END,     // the archive's own end, its checksums right
    TAR_DAMAGED, // `tar_place` says where
    TAR_FAILED,  // the source did
};

struct tar_reader *tar_open(struct arena *a, tar_source source, void *arg);
// The next member, whole, in `a`.
enum tar_result tar_next(
    struct tar_reader *r, struct arena *a, struct str *name, struct str *bytes);
// What is wrong, and at which packed byte.
struct str tar_place(struct tar_reader *r, struct arena *a);
void tar_close(struct tar_reader *r);
