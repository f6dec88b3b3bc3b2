#include "domain/site_facts.h"

#include "base/clock.h"
#include "data/audit.h"
#include "data/revision.h"
#include "domain/schedule_edit.h"
#include "domain/site_facts.sql.h"

struct site_facts site_facts_of(const struct site *site)
{
    struct site_facts facts = {.name = site->name, .currency = str_of(site->currency.code)};
    for (int i = 0; i < site->language_count; i++)
        facts.languages[facts.language_count++] = site->languages[i];
    return facts;
}

struct value *site_facts_value(struct arena *a, const struct site_facts *f, struct str time_zone)
{
    struct value *v = value_object(a), *languages = value_list(a);
    value_set_str(a, v, KEY(name), f->name);
    value_set(a, v, KEY(languages), languages);
    for (int i = 0; i < f->language_count; i++)
        value_append(a, languages, value_str(a, f->languages[i]));
    value_set_str(a, v, KEY(currency), f->currency);
    value_set_str(a, v, KEY(time_zone), time_zone);
    return v;
}

static struct value *now_value(struct arena *a, const struct site *site)
{
    struct site_facts facts = site_facts_of(site);
    return site_facts_value(a, &facts, zone_name(site->zone));
}

static void add_edition(struct unit *u, const struct site *site, int64_t seen,
    const struct audit *who, const struct value *after)
{
    edition_add(u, &(struct edition){.subject = SITE_FACTS_SUBJECT,
                       .seen = seen,
                       .before = now_value(unit_arena(u), site),
                       .value = after,
                       .actor_name = who->actor_name});
}

static void add_facts(struct unit *u, const struct site *site, const struct site_facts *facts)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, site->tenant);
    unit_add(u, &SQL_site_facts_guard_currency, tenant, facts->currency);
    if (!str_eq(facts->languages[0], site->languages[0]))
        unit_add(u, &SQL_site_facts_guard_words, tenant, facts->languages[0]);
    unit_add(u, &SQL_site_facts_set, tenant, facts->name,
        db_str_array(a, facts->languages, (size_t)facts->language_count), facts->currency);
}

enum site_facts_result site_facts_save(
    struct arena *a, const struct site_facts_change *c, const struct site_facts *facts)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct value *after = site_facts_value(a, facts, zone_name(c->site->zone));
    struct audit audit = {.actor_kind = c->actor.kind,
        .actor_id = c->actor.id,
        .actor_name = c->actor.name,
        .action = STR("site.facts"),
        .object_kind = STR("site"),
        .object_id = SITE_FACTS_SUBJECT,
        .before = now_value(a, c->site),
        .after = after};
    add_edition(u, c->site, c->seen, &audit, after);
    add_facts(u, c->site, facts);
    audit_add(u, &audit);
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return SITE_FACTS_DONE;
    case DB_CONFLICT:
        return SITE_FACTS_STALE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "words_missing")   ? SITE_FACTS_WORDS
               : str_is(unit_refusal(u), "currency_used") ? SITE_FACTS_CURRENCY
                                                          : SITE_FACTS_STALE;
    default:
        return SITE_FACTS_BUSY;
    }
}

int site_facts_add_missing(struct unit *u, struct str language)
{
    return unit_add(u, &SQL_site_facts_missing, db_i64(unit_arena(u), unit_tenant(u)), language);
}

int site_facts_add_sold(struct unit *u)
{
    return unit_add(u, &SQL_site_facts_sold, db_i64(unit_arena(u), unit_tenant(u)));
}

struct moving {
    const struct site_zone_change *change;
    const struct site *old;
    struct value *closures, *exceptions;
    int64_t now_us;
};

// The same on the new wall; what a change of clocks skips there is the first instant after it.
static int64_t moved(const struct moving *m, int64_t at_us)
{
    return zone_instant(m->change->zone, zone_local(m->old->zone, at_us)).first_us;
}

static void move_closures(struct arena *a, struct moving *m, struct schedule_facts *f)
{
    m->closures = value_list(a);
    f->opening.zone = m->change->zone;
    for (int i = 0; i < f->opening.closure_count; i++) {
        struct closure *c = &f->opening.closures[i];
        struct value *v = value_append_object(a, m->closures);
        c->from_us = moved(m, c->from_us);
        c->to_us = moved(m, c->to_us);
        value_set_int(a, v, KEY(id), c->id);
        value_set_int(a, v, KEY(from_us), c->from_us);
        value_set_int(a, v, KEY(to_us), c->to_us);
    }
}

static void move_exceptions(struct arena *a, struct moving *m, struct schedule_facts *f)
{
    m->exceptions = value_list(a);
    for (size_t i = 0; i < value_count(f->exceptions); i++) {
        const struct value *e = value_at(f->exceptions, i);
        struct value *v = value_append_object(a, m->exceptions);
        value_set_int(a, v, KEY(offer_id), value_get_int(e, KEY(offer_id), 0));
        value_set_int(a, v, KEY(starts_at), moved(m, value_get_int(e, KEY(starts_at), 0)));
    }
    f->exceptions = m->exceptions;
}

static enum schedule_result apply_zone(struct schedule_edit *e, struct schedule_facts *f)
{
    struct moving *m = e->arg;
    struct edition_row now;
    struct site_facts facts = site_facts_of(m->old);
    if (!edition_newest(e->a, m->old->tenant, SITE_FACTS_SUBJECT, &now))
        return SCHEDULE_UNAVAILABLE;
    if (now.version != m->change->seen)
        return SCHEDULE_CHANGED;
    struct site *site = arena_new_object(e->a, struct site);
    *site = *m->old;
    site->zone = m->change->zone;
    f->site = site;
    m->now_us = f->now_us;
    move_closures(e->a, m, f);
    move_exceptions(e->a, m, f);
    e->audit.before = now_value(e->a, m->old);
    e->audit.after = site_facts_value(e->a, &facts, zone_name(site->zone));
    return SCHEDULE_DONE;
}

static void add_zone(struct schedule_edit *e, struct unit *u)
{
    struct moving *m = e->arg;
    struct arena *a = e->a;
    struct str tenant = db_i64(a, m->old->tenant);
    add_edition(u, m->old, m->change->seen, &e->audit, e->audit.after);
    unit_add(u, &SQL_site_facts_set_zone, tenant, zone_name(m->change->zone));
    unit_add(u, &SQL_site_facts_move_closures, tenant, db_json(a, m->closures));
    unit_add(u, &SQL_site_facts_forget_exceptions, tenant, db_time(a, m->now_us));
    unit_add(u, &SQL_site_facts_add_exceptions, tenant, db_json(a, m->exceptions));
}

struct schedule_outcome site_zone_save(
    struct arena *a, const struct schedule_ask *ask, const struct site_zone_change *change)
{
    struct moving m = {.change = change, .old = ask->site};
    struct schedule_edit e = {
        .a = a, .ask = ask, .apply = apply_zone, .add = add_zone, .arg = &m, .audit = *ask->who};
    e.audit.action = STR("site.zone");
    e.audit.object_kind = STR("site");
    e.audit.object_id = SITE_FACTS_SUBJECT;
    return schedule_edit(&e);
}
