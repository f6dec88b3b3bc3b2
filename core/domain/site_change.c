#include "domain/site_change.h"

#include "data/audit.h"
#include "data/revision.h"
#include "domain/site_change.sql.h"

static struct unit *begin(struct arena *a, const struct site_change *c)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    edition_add(u, &(struct edition){.subject = c->subject,
                       .seen = c->seen,
                       .before = c->before,
                       .value = c->after,
                       .actor_name = c->actor.name});
    return u;
}

static enum site_change_result finish(struct unit *u, const struct site_change *c)
{
    audit_add(u, &(struct audit){.actor_kind = c->actor.kind,
                     .actor_id = c->actor.id,
                     .actor_name = c->actor.name,
                     .action = str_of(c->action),
                     .object_kind = STR("site"),
                     .object_id = c->record.p ? c->record : c->subject,
                     .before = c->before,
                     .after = c->after});
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return SITE_CHANGE_DONE;
    case DB_CONFLICT:
    case DB_REFUSED:
        return SITE_CHANGE_STALE;
    default:
        return SITE_CHANGE_BUSY;
    }
}

enum site_change_result site_change_settings(
    struct arena *a, const struct site_change *c, const struct value *settings)
{
    struct unit *u = begin(a, c);
    unit_add(u, &SQL_site_change_settings, db_i64(a, c->site->tenant), db_json(a, settings));
    return finish(u, c);
}

enum site_change_result site_change_look(struct arena *a, const struct site_change *c,
    const struct value *branding, const struct value *texts)
{
    struct unit *u = begin(a, c);
    unit_add(u, &SQL_site_change_look, db_i64(a, c->site->tenant), db_json(a, branding),
        db_json(a, texts));
    return finish(u, c);
}

enum site_change_result site_change_legal(struct arena *a, const struct site_change *c,
    const struct value *contact, const struct value *settings)
{
    struct unit *u = begin(a, c);
    struct str tenant = db_i64(a, c->site->tenant);
    unit_add(u, &SQL_site_change_contact, tenant, db_json(a, contact));
    unit_add(u, &SQL_site_change_settings, tenant, db_json(a, settings));
    return finish(u, c);
}
