#include "domain/event.h"

#include "base/clock.h"
#include "base/id.h"
#include "domain/event.sql.h"
#include "domain/webhook_send.h"

const struct event_info event_infos[EVENT_COUNT] = {
#define EVENT_INFO(name, wire, object) \
    {{wire, sizeof wire - 1}, {#name, sizeof #name - 1}, EVENT_OBJECT_##object},
    EVENTS(EVENT_INFO)
#undef EVENT_INFO
};

enum event event_find(struct str name)
{
    for (int i = 0; i < EVENT_COUNT; i++)
        if (str_eq(name, event_infos[i].name))
            return (enum event)i;
    return EVENT_COUNT;
}

bool event_is_chosen(enum event event)
{
    return event < EVENT_COUNT && event_infos[event].object != EVENT_OBJECT_nothing;
}

void event_add(struct unit *u, enum event event, int64_t object, const struct value *facts)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_event_add, db_i64(a, unit_tenant(u)), db_i64(a, id_number()),
        event_infos[event].name, db_i64(a, object), facts ? db_json(a, facts) : STR("{}"),
        db_time(a, clock_now_us()), STR(WEBHOOK_JOB));
}

void event_add_all(
    struct unit *u, enum event event, const struct event_about *objects, size_t count)
{
    struct arena *a = unit_arena(u);
    int64_t *ids = arena_new_array(a, int64_t, count + 1);
    int64_t *numbers = arena_new_array(a, int64_t, count + 1);
    struct str *facts = arena_new_array(a, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = id_number();
        numbers[i] = objects[i].id;
        facts[i] = objects[i].facts ? db_json(a, objects[i].facts) : STR("{}");
    }
    unit_add(u, &SQL_event_add_all, db_i64(a, unit_tenant(u)), db_i64_array(a, ids, count),
        event_infos[event].name, db_i64_array(a, numbers, count), db_str_array(a, facts, count),
        db_time(a, clock_now_us()), STR(WEBHOOK_JOB));
}

void event_add_for(struct unit *u, enum event event, int64_t endpoint, int64_t *delivery)
{
    struct arena *a = unit_arena(u);
    *delivery = id_number();
    unit_add(u, &SQL_event_add_for, db_i64(a, unit_tenant(u)), db_i64(a, id_number()),
        event_infos[event].name, db_i64(a, endpoint), db_i64(a, *delivery),
        db_time(a, clock_now_us()), STR(WEBHOOK_JOB));
}
