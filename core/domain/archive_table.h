// The tables of a site as the database's catalogue names them, in an order in which rows can be
// written: whatever is referred to comes first. Private to archive_*.c.
#pragma once

#include "domain/archive.h"

struct archive_column {
    struct str name, quoted;
    bool required; // neither NULL nor left to its default
};

struct archive_table {
    struct str label; // "orders", "plugin_coupons.coupon"
    struct str quoted;
    struct str order_by;
    struct archive_column *columns; // those that travel
    int column_count;
    struct str others,
        other_values; // ", password_hash" and ", '!'": what doesn't travel but must be
};

// A table ("session") or column ("staff.password_hash") that stays behind.
struct archive_absence {
    struct str name, why;
};

struct archive_tables {
    struct archive_table *list;
    int count;
    struct archive_absence *absences;
    int absence_count;
};

// False with `*why`: the database, or a table of the core of which nobody said whether it travels.
bool archive_tables_read(struct arena *a, PGconn *pg, struct archive_tables *out, struct str *why);
// NULL when there is none that travels.
const struct archive_table *archive_table_find(const struct archive_tables *t, struct str label);
const struct archive_column *archive_column_find(const struct archive_table *t, struct str name);

// What is written in place of a column's value, in terms of the row r and the site $2; absent when
// it is written as it is.
struct str archive_instead(const struct archive_table *t, struct str column);

// A connection of the app's role with the site set; NULL with `*why`.
PGconn *archive_connect(struct arena *a, const char *url, int64_t tenant, struct str *why);
// NULL with `*why` from the server. Parameters are text.
PGresult *archive_ask(
    struct arena *a, PGconn *pg, struct str sql, const struct str *values, struct str *why);
struct str archive_cell(const PGresult *r, int row, int column);
