// What staff do to many customers at once, kept with what became of each: a batch is decided on,
// its customers are noted down, a job changes one after the other and marks each in the change's
// own unit. A job that begins again goes on where the other one stopped; for seven days all of it
// can be taken back the same way. Which customers a filter names and what the actions are is
// web/office/customers. From fibers; texts live in the caller's arena.
#pragma once

#include "domain/customer_record.h"

enum { BATCH_UNDO_DAYS = 7, BATCH_ROWS = 100 };
// {batch_id}
#define BATCH_JOB "customers.batch"

struct customer_batch {
    int64_t tenant, id, made_us, finished_us;
    struct feature_actor actor;
    struct str action, value, label, day; // day may be absent
    struct value *filter;
    int64_t upto;     // the newest customer who is meant
    struct str state; // filling, running, done, undoing, undone
    int64_t filled_below;
    int64_t customers, changed, kept;
};

enum batch_result { BATCH_DONE, BATCH_UNKNOWN, BATCH_OVER, BATCH_UNAVAILABLE };

// With its number; made twice it is there once (BATCH_OVER).
enum batch_result batch_make(struct arena *a, struct customer_batch *b);
enum batch_result batch_find(struct arena *a, struct customer_batch *b);
const struct rows *batch_latest(struct arena *a, int64_t tenant);
struct customer_batch batch_of_row(
    struct arena *a, int64_t tenant, const struct rows *rows, int row);
// BATCH_OVER: it isn't done, or it is too late.
enum batch_result batch_undo(
    struct arena *a, const struct customer_batch *b, const struct feature_actor *who);

// For the job. False when the database doesn't answer.
bool batch_fill(
    struct arena *a, const struct customer_batch *b, const int64_t *ids, size_t count, bool over);
// customer_id and `was` of the next ones in that state; NULL without an answer.
const struct rows *batch_rows(struct arena *a, const struct customer_batch *b, const char *state);
bool batch_progress(struct arena *a, const struct customer_batch *b, int changed, int kept);
bool batch_end(struct arena *a, const struct customer_batch *b);

// What becomes of one of them, in the unit of its change.
struct batch_mark {
    const struct customer_batch *batch;
    int64_t customer;
    const char *from, *to;
    struct str was, why; // may be absent
};
void batch_mark_add(struct unit *u, const struct batch_mark *mark);
bool batch_mark(struct arena *a, const struct batch_mark *mark);
