#include "domain/channel.h"

#include "base/id.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/channel.sql.h"

static struct value *recorded(struct arena *a, const struct channel_profile *p)
{
    struct value *v = value_object(a), *offers = value_list(a);
    value_set_str(a, v, KEY(name), p->name);
    value_set_str(a, v, KEY(mode), p->mode);
    value_set_str(a, v, KEY(from_date), p->from);
    value_set_str(a, v, KEY(to_date), p->to);
    value_set_bool(a, v, KEY(every_offer), p->every_offer);
    for (size_t i = 0; i < p->offer_count; i++)
        value_append(a, offers, value_str(a, str_of_i64(a, p->offers[i])));
    value_set(a, v, KEY(offers), offers);
    return v;
}

struct ending {
    const char *action;
    int64_t channel;
    const struct value *after;
};

static enum channel_result finish(
    struct unit *u, const struct channel_change *c, const struct ending *ending)
{
    audit_add(u, &(struct audit){.actor_kind = c->actor.kind,
                     .actor_id = c->actor.id,
                     .actor_name = c->actor.name,
                     .action = str_of(ending->action),
                     .object_kind = STR("channel"),
                     .object_id = str_of_i64(unit_arena(u), ending->channel),
                     .before = c->before,
                     .after = ending->after});
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return CHANNEL_DONE;
    case DB_CONFLICT:
        return CHANNEL_FOREIGN;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "channel_gone") ? CHANNEL_GONE : CHANNEL_CHANGED;
    default:
        return CHANNEL_BUSY;
    }
}

enum channel_result channel_set_registration(
    struct arena *a, const struct channel_change *c, int64_t channel, struct str mode)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct str tenant = db_i64(a, c->site->tenant), id = db_i64(a, channel);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(registration), mode);
    unit_add(u, &SQL_channel_guard, tenant, id, db_i64(a, c->seen));
    unit_add(u, &SQL_channel_set_registration, tenant, id, mode);
    return finish(u, c, &(struct ending){"channel.registration", channel, after});
}

enum channel_result channel_save_profile(
    struct arena *a, const struct channel_change *c, const struct channel_profile *p)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct str tenant = db_i64(a, c->site->tenant), channel = db_i64(a, p->channel);
    struct str id = db_i64(a, p->id ? p->id : id_number());
    struct str from = p->from.len ? p->from : STR_NULL, to = p->to.len ? p->to : STR_NULL;
    unit_add(u, &SQL_channel_guard, tenant, channel, db_i64(a, c->seen));
    unit_add(u, p->id ? &SQL_channel_set_profile : &SQL_channel_add_profile, tenant, id, channel,
        p->name, p->mode, from, to, db_bool(p->every_offer));
    unit_add(u, &SQL_channel_drop_offers, tenant, id);
    if (!p->every_offer)
        unit_add(
            u, &SQL_channel_add_offers, tenant, id, db_i64_array(a, p->offers, p->offer_count));
    return finish(u, c, &(struct ending){"channel.profile", p->channel, recorded(a, p)});
}

enum channel_result channel_remove_profile(
    struct arena *a, const struct channel_change *c, const struct channel_profile *p)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct str tenant = db_i64(a, c->site->tenant), channel = db_i64(a, p->channel);
    unit_add(u, &SQL_channel_guard, tenant, channel, db_i64(a, c->seen));
    unit_add(u, &SQL_channel_drop_profile, tenant, db_i64(a, p->id), channel);
    return finish(u, c, &(struct ending){"channel.profile_removed", p->channel, NULL});
}
