// Lists as files. A kind is a table of columns, a statement that reads the next rows of a filter
// and three routes below its list; the rest is here: the page that asks which file, CSV sent while
// it is read, XLSX made by a job, downloads. The filter is the list's own, as it stands in the
// address, so a file holds exactly what the list shows.
//
//   static const struct export_column columns[] = {{"code", SHEET_TEXT, 10, 0}, …};
//   static const struct export_kind kind = {.name = "orders", .columns = columns, …};
//   EXPORT_KIND(kind)
//
// and, below its list_path, routes to export_ask (GET …/export), export_csv (GET …/export.csv) and
// export_start (POST …/export).
//
// A column's heading is `office.export.<kind>.<name>`.
#pragma once

#include "data/rows.h"
#include "domain/sheet.h"
#include "http/request.h"

enum export_flags {
    EXPORT_ONCE = 1, // of the whole: in the first of the rows that begin with the same cell
    EXPORT_WORD = 2, // stored as a code, shown by the kind's `word`
};

struct export_column {
    const char *name; // of the statement's column
    enum sheet_type type;
    int width; // characters, in a spreadsheet
    unsigned flags;
};

struct export_run;

struct export_kind {
    const char *name;      // "orders": in addresses, names of files and keys of words
    const char *list_path; // "/manage/orders"
    const char *list_label;
    const struct export_column *columns;
    int count;
    bool sales; // what practice mode makes a rehearsal
    // The next rows; none at the end, NULL when the database doesn't answer. What it remembers from
    // page to page is in run->place.
    const struct rows *(*read)(struct arena *a, struct export_run *run);
    // How many things the list shows, −1 without an answer: for the progress.
    int64_t (*total)(struct export_run *run);
    struct str (*word)(
        struct arena *a, const struct export_run *run, const char *column, struct str code);
    // Appends what narrows the list, as people read it: {title, text}. False without an answer.
    bool (*describe)(struct request *r, struct value *list);
};

// One export at work; lives in its arena. Used by its fiber only.
struct export_run {
    struct arena *arena;
    const struct export_kind *kind;
    struct site *site;
    const struct value *fields; // the filter
    struct catalogue *words;
    void *place; // of the kind's own; NULL at the start
    struct sheet sheet;
    int *columns;     // of the statement, by the sheet's
    struct str group; // the first cell of the row before
    int64_t things;   // rows that began a group
};

struct export_rows {
    const struct sheet_cell *cells; // row by row
    int count;
};

// `fields` is the filter, as the list's address has it.
struct export_run *export_run_new(struct arena *a, const struct export_kind *kind,
    struct site *site, struct str language, const struct value *fields);
// The next rows, in `a`; none at the end. False when the database doesn't answer.
bool export_run_next(struct arena *a, struct export_run *run, struct export_rows *rows);

void export_kind_add(const struct export_kind *kind);
const struct export_kind *export_kind_find(struct str name);
// Whose list the route is below; there is one.
const struct export_kind *export_kind_of(const struct route *route);
#define EXPORT_KIND(kind_)                                             \
    __attribute__((constructor)) static void export_kind_declare(void) \
    {                                                                  \
        export_kind_add(&kind_);                                       \
    }

// Handlers of the kind whose list the route is below.
void export_ask(struct request *r);
void export_csv(struct request *r);
void export_start(struct request *r);

// For `describe`: one thing that narrows the list.
void export_describe(struct request *r, struct value *list, struct str title, struct str text);
// The same with the title of a message.
void export_describe_by(struct request *r, struct value *list, const char *title, struct str text);

// "orders-house-2026-11-22.csv"; "practice-…" for what never was a sale.
struct export;
struct str export_file_name(struct arena *a, const struct site *site, const struct export *e);

// The job.
void exports_start(void);
