#include "domain/webhook.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/seal.h"
#include "domain/webhook.sql.h"
#include "domain/webhook_send.h"
#include "domain/webhook_send.sql.h"

#define OLD_SECRET_US US_PER_DAY

int webhook_add(struct unit *u, int64_t id)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u));
    return id ? unit_add(u, &SQL_webhook_read, tenant, db_i64(a, id))
              : unit_add(u, &SQL_webhook_list, tenant);
}

struct webhook webhook_take(struct arena *a, const struct rows *rows, int row)
{
    struct webhook w = {.id = rows_i64(rows, row, KEY(endpoint_id)),
        .version = rows_i64(rows, row, KEY(version)),
        .url = rows_str(rows, row, KEY(url)),
        .description = rows_str(rows, row, KEY(description)),
        .state = rows_str(rows, row, KEY(state)),
        .secret_us = rows_us(rows, row, KEY(secret_us)),
        .secret_by = rows_i64(rows, row, KEY(secret_by)),
        .old_until_us = rows_i64_or(rows, row, KEY(old_until_us), 0),
        .failing_us = rows_i64_or(rows, row, KEY(failing_us), 0)};
    const struct value *names = rows_json(a, rows, row, KEY(events));
    for (size_t i = 0; i < value_count(names); i++) {
        enum event event = event_find(value_as_str(value_at(names, i)));
        if (event_is_chosen(event))
            w.events[event] = true;
    }
    return w;
}

struct value *webhook_value(struct arena *a, const struct webhook *w)
{
    struct value *v = value_object(a), *events = value_list(a);
    value_set_str(a, v, KEY(url), w->url);
    value_set_str(a, v, KEY(description), w->description);
    for (int i = 0; i < EVENT_COUNT; i++)
        if (w->events[i])
            value_append(a, events, value_str(a, event_infos[i].name));
    value_set(a, v, KEY(events), events);
    value_set_str(a, v, KEY(state), w->state);
    return v;
}

// One change under way.
struct change {
    struct arena *a;
    const struct webhook_by *by;
    struct unit *u;
    struct str tenant, id;
};

static struct change begin(struct arena *a, const struct webhook_by *by, int64_t id)
{
    struct change c = {.a = a, .by = by, .u = unit_new(a, DB_WRITE, by->site->tenant)};
    c.tenant = db_i64(a, by->site->tenant);
    c.id = db_i64(a, id);
    unit_route(c.u, (uint64_t)id);
    return c;
}

static void record(
    struct change *c, const char *action, const struct value *before, const struct value *after)
{
    audit_add(c->u, &(struct audit){.actor_kind = c->by->actor.kind,
                        .actor_id = c->by->actor.id,
                        .actor_name = c->by->actor.name,
                        .action = str_of(action),
                        .object_kind = STR("webhook"),
                        .object_id = c->id,
                        .before = before,
                        .after = after});
}

static enum webhook_result finish(struct change *c)
{
    enum db_result result = unit_run(c->u);
    if (result == DB_OK)
        return WEBHOOK_DONE;
    if (result != DB_REFUSED)
        return WEBHOOK_BUSY;
    struct str code = unit_refusal(c->u);
    return str_is(code, "too_many")  ? WEBHOOK_TOO_MANY
           : str_is(code, "changed") ? WEBHOOK_CHANGED
                                     : WEBHOOK_GONE;
}

static struct str new_secret(struct arena *a)
{
    unsigned char bytes[24];
    id_random_bytes(bytes, sizeof bytes);
    return str_join(a, STR("whsec_"), id_base64url(a, bytes, sizeof bytes), STR_NULL);
}

static struct str sealed(struct change *c, struct str secret)
{
    return seal_close(c->a, c->by->site->tenant, STR(WEBHOOK_SEAL), secret);
}

static struct str names_of(struct arena *a, const struct webhook *w)
{
    struct str names[EVENT_COUNT];
    size_t count = 0;
    for (int i = 0; i < EVENT_COUNT; i++)
        if (w->events[i])
            names[count++] = event_infos[i].name;
    return db_str_array(a, names, count);
}

enum webhook_result webhook_create(
    struct arena *a, const struct webhook_by *by, struct webhook *w, struct str *secret)
{
    w->id = id_number();
    struct change c = begin(a, by, w->id);
    *secret = new_secret(a);
    unit_add(c.u, &SQL_webhook_insert, c.tenant, c.id, w->url, w->description, names_of(a, w),
        sealed(&c, *secret), db_time(a, clock_now_us()), db_i64(a, WEBHOOK_ENDPOINTS_MAX),
        db_i64(a, by->actor.id), w->state);
    record(&c, "webhook.create", NULL, webhook_value(a, w));
    return finish(&c);
}

enum webhook_result webhook_save(struct arena *a, const struct webhook_by *by,
    const struct webhook *was, const struct webhook *w)
{
    struct change c = begin(a, by, was->id);
    unit_add(c.u, &SQL_webhook_update, c.tenant, c.id, db_i64(a, was->version), w->url,
        w->description, names_of(a, w), w->state);
    if (!str_is(w->state, "on"))
        unit_add(c.u, &SQL_webhook_stop, c.tenant, c.id);
    record(&c, "webhook.change", webhook_value(a, was), webhook_value(a, w));
    return finish(&c);
}

enum webhook_result webhook_remove(
    struct arena *a, const struct webhook_by *by, const struct webhook *w)
{
    struct change c = begin(a, by, w->id);
    unit_add(c.u, &SQL_webhook_delete, c.tenant, c.id, db_i64(a, w->version));
    record(&c, "webhook.remove", webhook_value(a, w), NULL);
    return finish(&c);
}

enum webhook_result webhook_reveal(
    struct arena *a, const struct webhook_by *by, int64_t id, bool note, struct str *secret)
{
    struct change c = begin(a, by, id);
    int place = unit_add(c.u, &SQL_webhook_secret, c.tenant, c.id);
    if (note)
        record(&c, "webhook.reveal", NULL, NULL);
    enum webhook_result result = finish(&c);
    if (result != WEBHOOK_DONE)
        return result;
    const struct rows *r = unit_rows(c.u, place);
    *secret = r->count
                  ? seal_open(a, by->site->tenant, STR(WEBHOOK_SEAL), rows_str(r, 0, KEY(secret)))
                  : STR_NULL;
    return secret->p ? WEBHOOK_DONE : WEBHOOK_GONE;
}

enum webhook_result webhook_rotate(
    struct arena *a, const struct webhook_by *by, int64_t id, struct str *secret)
{
    int64_t now = clock_now_us();
    struct change c = begin(a, by, id);
    *secret = new_secret(a);
    unit_add(c.u, &SQL_webhook_set_secret, c.tenant, c.id, sealed(&c, *secret), db_time(a, now),
        db_time(a, now + OLD_SECRET_US), db_i64(a, by->actor.id));
    record(&c, "webhook.rotate", NULL, NULL);
    return finish(&c);
}

enum webhook_result webhook_test(
    struct arena *a, const struct webhook_by *by, int64_t id, int64_t *delivery)
{
    struct change c = begin(a, by, id);
    event_add_for(c.u, EVENT_endpoint_test, id, delivery);
    record(&c, "webhook.test", NULL, NULL);
    return finish(&c);
}

enum webhook_result webhook_again(
    struct arena *a, const struct webhook_by *by, int64_t id, int64_t delivery)
{
    struct value *after = value_object(a);
    struct change c = begin(a, by, id);
    value_set_str(a, after, KEY(delivery), db_i64(a, delivery));
    unit_add(c.u, &SQL_webhook_again, c.tenant, c.id, db_i64(a, delivery),
        db_time(a, clock_now_us()), STR(WEBHOOK_JOB));
    record(&c, "webhook.again", NULL, after);
    return finish(&c);
}
