// Exports as a job makes them: what was asked for, how far it is, and the file, kept in parts for a
// few days for whoever asked. A file appears whole, in one transaction, or not at all: a job that
// is killed begins again. What is exported, and as what, is web/office/exports.
#pragma once

#include "data/audit.h"
#include "data/db.h"

// {export_id}; one job an export.
#define EXPORT_JOB "export"
enum {
    EXPORT_PART_LEN = 512 << 10,
    EXPORT_KEPT_DAYS = 7,
    EXPORTS_OPEN_MAX = 3, // that one person waits for
    EXPORTS_LISTED = 20,
};

enum export_result {
    EXPORT_DONE,
    EXPORT_UNKNOWN, // nobody's, somebody else's or another site's
    EXPORT_MANY,    // this person waits for as many as one may
    EXPORT_UNAVAILABLE,
};

struct export
{
    int64_t tenant, id, staff;
    struct str kind, format, state; // waiting, running, done, failed
    struct value *filter;           // the fields of the list's address
    struct str language;
    bool practice;
    int64_t rows, rows_all, size; // rows_all and size are -1 while they aren't known
    int64_t created_us, finished_us;
};

// Makes it with its job and the audit's row, and gives it its number.
enum export_result export_make(struct arena *a, struct export *e, const struct audit *who);
// Fills in the rest; with staff 0 it may be whoever's.
enum export_result export_find(struct arena *a, struct export *e);
// Of this person, newest first; NULL when the database doesn't answer.
const struct rows *export_list(struct arena *a, int64_t tenant, int64_t staff);
struct export export_of_row(struct arena *a, const struct rows *rows, int row);

// For the job. False when the database doesn't answer or the export is over.
bool export_begin(struct arena *a, const struct export *e);
bool export_progress(struct arena *a, const struct export *e);
// Reads the file from its descriptor, which stays the caller's.
bool export_finish(struct arena *a, const struct export *e, int fd);
bool export_fail(struct arena *a, const struct export *e);

// A part of a file that is done, from 0; absent when there is none, or no answer.
struct str export_part(struct arena *a, const struct export *e, int64_t number);
