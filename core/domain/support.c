#include "domain/support.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/db.h"
#include "domain/letter.h"
#include "domain/support.sql.h"

#define TICKET_US (60 * US_PER_SECOND)

static struct str hash_of(struct arena *a, struct str secret)
{
    return str_hex(a, hash_sha256(secret).bytes, 32);
}

static void add_audit(
    struct unit *u, const char *action, int64_t access, const struct feature_actor *actor)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    if (actor->note.len)
        value_set_str(a, after, KEY(reason), actor->note);
    audit_add(u, &(struct audit){.actor_kind = STR("support"),
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(action),
                     .object_kind = STR("support"),
                     .object_id = str_of_i64(a, access),
                     .after = after});
}

static enum support_result run(struct unit *u)
{
    switch (unit_run(u)) {
    case DB_OK:
        return SUPPORT_DONE;
    case DB_REFUSED:
        return SUPPORT_OVER;
    default:
        return SUPPORT_UNAVAILABLE;
    }
}

enum support_result support_open(struct arena *a, const struct site *site,
    const struct feature_actor *actor, struct str email, struct str *ticket)
{
    int64_t now = clock_now_us(), access = id_number();
    struct value *arguments = value_object(a);
    struct letter letter = {
        .key = STR("support_opened"), .arguments = arguments, .path = STR("/manage/support")};
    *ticket = id_token(a);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_support_open, db_i64(a, site->tenant), db_i64(a, access), db_i64(a, actor->id),
        actor->name, email, actor->note, hash_of(a, *ticket), db_time(a, now + TICKET_US),
        db_time(a, now), db_time(a, now + SUPPORT_VISIT_US), db_time(a, now + SUPPORT_MAX_US));
    add_audit(u, "support.open", access, actor);
    value_set_str(a, arguments, KEY(who), actor->name);
    value_set_str(a, arguments, KEY(venue), site->name);
    value_set_str(a, arguments, KEY(reason), actor->note);
    letter_to_owners(u, &letter);
    return run(u);
}

enum support_result support_enter(
    struct arena *a, const struct site *site, struct str ticket, struct str token_hash)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_support_enter, db_i64(a, site->tenant), hash_of(a, ticket), token_hash,
        db_time(a, clock_now_us()));
    return run(u);
}

enum support_result support_renew(
    struct arena *a, const struct site *site, int64_t access, const struct feature_actor *actor)
{
    int64_t now = clock_now_us();
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_support_renew, db_i64(a, site->tenant), db_i64(a, access), db_time(a, now),
        db_time(a, now + SUPPORT_VISIT_US));
    add_audit(u, "support.renew", access, actor);
    return run(u);
}

enum support_result support_end(
    struct arena *a, const struct site *site, int64_t access, const struct feature_actor *actor)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_support_end, db_i64(a, site->tenant), db_i64(a, access),
        db_time(a, clock_now_us()));
    add_audit(u, "support.end", access, actor);
    return run(u);
}
