// What a statement returned: cells as text in the arena of the unit's caller, columns found by
// interned name. Reading a column that the statement doesn't have is a bug.
#pragma once

#include "base/value.h"

struct rows {
    int count, columns;
    const value_key *keys; // of the statement, for the life of the process
    const unsigned *types; // PostgreSQL type numbers
    struct str *cells;     // row by row; {NULL, 0} is NULL
    int64_t affected;      // rows inserted, updated or deleted
};

struct str rows_str(const struct rows *r, int row, value_key column);
int64_t rows_i64(const struct rows *r, int row, value_key column);
// NULL gives `otherwise`.
int64_t rows_i64_or(const struct rows *r, int row, value_key column, int64_t otherwise);
bool rows_bool(const struct rows *r, int row, value_key column);
bool rows_is_null(const struct rows *r, int row, value_key column);
// Microseconds since 1970; statements return times as `extract(epoch …)` through vt_us().
#define rows_us rows_i64
// JSON columns parsed, NULL when absent.
struct value *rows_json(struct arena *a, const struct rows *r, int row, value_key column);

// A row as an object: integers, booleans, reals, JSON and text by the column's type.
struct value *rows_object(struct arena *a, const struct rows *r, int row);
struct value *rows_list(struct arena *a, const struct rows *r);
