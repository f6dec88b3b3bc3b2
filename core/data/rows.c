#include "data/rows.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/json.h"

// Type numbers of pg_type that never change.
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_JSON = 114 };
enum { TYPE_FLOAT4 = 700, TYPE_FLOAT8 = 701, TYPE_NUMERIC = 1700, TYPE_JSONB = 3802 };

static int column_of(const struct rows *r, value_key key)
{
    for (int i = 0; i < r->columns; i++)
        if (r->keys[i] == key)
            return i;
    unreachable();
}

struct str rows_str(const struct rows *r, int row, value_key column)
{
    check(row >= 0 && row < r->count);
    return r->cells[row * r->columns + column_of(r, column)];
}

bool rows_is_null(const struct rows *r, int row, value_key column)
{
    return !rows_str(r, row, column).p;
}

int64_t rows_i64_or(const struct rows *r, int row, value_key column, int64_t otherwise)
{
    struct str cell = rows_str(r, row, column);
    int64_t n = otherwise;
    check(!cell.p || str_to_i64(cell, &n));
    return n;
}

int64_t rows_i64(const struct rows *r, int row, value_key column)
{
    check(!rows_is_null(r, row, column));
    return rows_i64_or(r, row, column, 0);
}

bool rows_bool(const struct rows *r, int row, value_key column)
{
    return str_eq(rows_str(r, row, column), STR("t"));
}

static struct value *parse(struct arena *a, struct str cell)
{
    struct json_error error;
    return cell.p ? json_parse(a, cell, JSON_ANY_KEYS, &error) : NULL;
}

struct value *rows_json(struct arena *a, const struct rows *r, int row, value_key column)
{
    return parse(a, rows_str(r, row, column));
}

static struct value *cell_value(struct arena *a, struct str cell, unsigned type)
{
    int64_t n;
    if (!cell.p)
        return value_null();
    switch (type) {
    case TYPE_BOOL:
        return value_bool(a, cell.p[0] == 't');
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        check(str_to_i64(cell, &n));
        return value_int(a, n);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
    case TYPE_NUMERIC:
        return value_real(a, strtod(str_z(a, cell), NULL));
    case TYPE_JSON:
    case TYPE_JSONB:
        return parse(a, cell);
    default:
        return value_str(a, cell);
    }
}

struct value *rows_object(struct arena *a, const struct rows *r, int row)
{
    check(row >= 0 && row < r->count);
    struct value *object = value_object(a);
    for (int i = 0; i < r->columns; i++)
        value_set(
            a, object, r->keys[i], cell_value(a, r->cells[row * r->columns + i], r->types[i]));
    return object;
}

struct value *rows_list(struct arena *a, const struct rows *r)
{
    struct value *list = value_list(a);
    for (int i = 0; i < r->count; i++)
        value_append(a, list, rows_object(a, r, i));
    return list;
}
