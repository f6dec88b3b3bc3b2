#include "domain/customer_rows.h"

static struct value *differing(
    struct arena *a, const struct value *before, const struct value *after)
{
    struct value *fields = value_list(a);
    for (uint32_t i = 0; i < after->object.count; i++) {
        const struct value_field *f = &after->object.fields[i];
        struct str was = value_get_str(before, f->key), is = value_as_str(f->value);
        if (!str_eq(was.p ? was : STR(""), is.p ? is : STR("")))
            value_append(a, fields, value_str(a, value_key_name(f->key)));
    }
    return fields;
}

struct value *customer_facts_told(struct arena *a, const struct customer_told *told)
{
    struct value *facts = value_object(a);
    value_set_str(a, facts, KEY(by), told->by);
    if (told->before && told->after) {
        struct value *fields = differing(a, told->before, told->after);
        if (!value_count(fields))
            return NULL;
        value_set(a, facts, KEY(fields), fields);
    }
    return facts;
}

void customer_tell(struct unit *u, enum event event, const struct customer_told *told)
{
    struct value *facts = customer_facts_told(unit_arena(u), told);
    if (facts)
        event_add(u, event, told->id, facts);
}
