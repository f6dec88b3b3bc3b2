// One reading of an archive, from its head to its manifest: what each member has to be, and whose
// it is. The first reading checks the rows (archive_check.c), the second writes them
// (archive_load.c). Private to them.
#pragma once

#include "domain/archive_table.h"

// A table that the archive has rows of, with the columns that its head names.
struct archive_part {
    const struct archive_table *table;
    const struct archive_column **columns;
    int column_count;
    struct str keys, required; // text[] of its columns
};

struct archive_pass {
    struct arena *a, *part; // the pass's, one member's
    PGconn *pg;
    const struct archive_in *in;
    struct archive_tables tables;
    struct archive_head head;
    struct archive_part *parts;
    int part_count;
    int64_t rows;
    struct str *why;
    const void *arg;
    // Of one member: its lines as a JSON array, or a picture's bytes. False after archive_fail.
    bool (*on_rows)(struct archive_pass *p, const struct archive_part *part, struct str lines);
    bool (*on_picture)(struct archive_pass *p, struct str name, struct str bytes);
    struct str member; // the one being read
};

// Reads all of it. False with `*why`.
bool archive_pass(struct archive_pass *p);
// "data/orders.0001.jsonl, line 12, total_minor: why"; `line` 0 and an absent field are left out.
// Always false.
bool archive_fail(struct archive_pass *p, int64_t line, struct str field, struct str why);
// The lines of a member as one JSON array.
struct str archive_array(struct arena *a, struct str lines);
