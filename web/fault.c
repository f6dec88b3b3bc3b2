#include "web/fault.h"

#include "plug/plugin_error.h"

// Which of the host's own reasons a message is, absent for an author's words.
static struct str reason_of(struct str message)
{
    static const struct {
        const char *says, *reason;
    } own[] = {{PLUGIN_SAYS_BUDGET, "budget"}, {PLUGIN_SAYS_DEADLINE, "deadline"},
        {PLUGIN_SAYS_MEMORY, "memory"}, {PLUGIN_SAYS_DEPTH, "depth"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (str_is(message, own[i].says))
            return str_of(own[i].reason);
    return STR_NULL;
}

// With the zone: the console shows sites of many.
static struct value *time_of(struct request *r, const struct zone *zone, int64_t at_us)
{
    struct arena *a = r->arena;
    struct value *v = format_time_value(a, r->format, zone, at_us);
    struct str text = value_get_str(v, KEY(text)), mark = value_get_str(v, KEY(zone));
    value_set_str(a, v, KEY(text), str_join(a, text, STR(" "), mark, STR_NULL));
    return v;
}

struct value *fault_append(
    struct request *r, struct value *list, const struct rows *rows, int i, const struct zone *zone)
{
    struct arena *a = r->arena;
    struct value *fault = value_append_object(a, list);
    struct str detail = rows_str(rows, i, KEY(detail));
    value_set_str(a, fault, KEY(plugin), rows_str(rows, i, KEY(plugin)));
    value_set_str(a, fault, KEY(place), rows_str(rows, i, KEY(place)));
    value_set_str(a, fault, KEY(message), rows_str(rows, i, KEY(message)));
    value_set_str(a, fault, KEY(reason), reason_of(rows_str(rows, i, KEY(message))));
    value_set_str(a, fault, KEY(detail), detail.len ? detail : STR_NULL);
    value_set_int(a, fault, KEY(happened), rows_i64(rows, i, KEY(happened)));
    value_set(a, fault, KEY(first), time_of(r, zone, rows_us(rows, i, KEY(first_us))));
    value_set(a, fault, KEY(last), time_of(r, zone, rows_us(rows, i, KEY(last_us))));
    value_set(a, fault, KEY(tripped_until),
        rows_bool(rows, i, KEY(tripped)) ? time_of(r, zone, rows_us(rows, i, KEY(tripped_us)))
                                         : value_null());
    return fault;
}
