// A site whole, as a file that another installation takes: tar inside gzip with rows as JSON lines,
// pictures as files, checksums at the end (README.md here describes it). It is read and written as
// a stream over a connection of its own as the app's role with the site set, so no other site's row
// can get in or be touched. Blocking: from the command line, or in a thread of the pool.
#pragma once

#include <libpq-fe.h>

#include "io/tar.h"

enum { ARCHIVE_FORMAT = 1, ARCHIVE_PART_MAX = 1 << 20 };

// Told now and then how many rows have been gone through; false ends it.
typedef bool (*archive_progress)(void *arg, int64_t rows);

struct archive_out {
    const char *database_url;
    int64_t tenant;
    tar_sink sink;
    archive_progress progress; // NULL: nobody asks
    void *arg;
    struct str program; // its version
    struct str made_at; // the moment as text, and in seconds since 1970
    int64_t made_s;
};

// `*rows` is how many there are. False with `*why`.
bool archive_export(struct arena *a, const struct archive_out *out, int64_t *rows, struct str *why);

struct archive_in {
    const char *database_url;
    tar_source source;
    bool (*rewind)(void *arg);
    archive_progress progress;
    void *arg;
};

// What an archive says of itself.
struct archive_head {
    struct str slug, name, program, made_at;
    int64_t rows;
};

// Reads all of it and writes nothing: is it whole, of this format, and does each row fit the tables
// that are here? False with `*why`, which names file, line and field.
bool archive_check(
    struct arena *a, const struct archive_in *in, struct archive_head *head, struct str *why);

// Where an archive that was checked goes: a site's row in the state "creating", which is suspended
// afterwards, with this reason.
struct archive_target {
    int64_t tenant;
    struct str reason;
    struct str features; // text[] of those that may be on here
    struct str now;      // timestamptz
};

// One transaction: all of it, or nothing with `*why`.
bool archive_load(struct arena *a, const struct archive_in *in, const struct archive_target *target,
    struct str *why);
