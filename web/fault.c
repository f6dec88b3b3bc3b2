#include "web/fault.h"

struct value *fault_append(
    struct request *r, struct value *list, const struct rows *rows, int i, const struct zone *zone)
{
    struct arena *a = r->arena;
    struct value *fault = value_append_object(a, list);
    struct str detail = rows_str(rows, i, KEY(detail));
    value_set_str(a, fault, KEY(plugin), rows_str(rows, i, KEY(plugin)));
    value_set_str(a, fault, KEY(place), rows_str(rows, i, KEY(place)));
    value_set_str(a, fault, KEY(message), rows_str(rows, i, KEY(message)));
    value_set_str(a, fault, KEY(detail), detail.len ? detail : STR_NULL);
    value_set_int(a, fault, KEY(happened), rows_i64(rows, i, KEY(happened)));
    value_set(a, fault, KEY(first),
        format_time_value(a, r->format, zone, rows_us(rows, i, KEY(first_us))));
    value_set(
        a, fault, KEY(last), format_time_value(a, r->format, zone, rows_us(rows, i, KEY(last_us))));
    value_set(a, fault, KEY(tripped_until),
        rows_bool(rows, i, KEY(tripped))
            ? format_time_value(a, r->format, zone, rows_us(rows, i, KEY(tripped_us)))
            : value_null());
    return fault;
}
