#include "domain/ownership.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/seal.h"
#include "domain/letter.h"
#include "domain/ownership.sql.h"
#include "domain/ownership_settle.h"
#include "domain/password.h"
#include "domain/staff_member.sql.h"

// The links' purposes.
static const char new_owner[] = "ownership_new", holder_says[] = "ownership_holder";

static struct str signed_words(struct arena *a, int64_t tenant, int64_t id, int64_t last)
{
    return str_format(a, "%lld/%lld/%lld", (long long)tenant, (long long)id, (long long)last);
}

// "/manage/login/ownership?id=…&t=…" of the new owner.
static struct str new_owner_path(struct arena *a, int64_t tenant, int64_t id, int64_t expires_us)
{
    struct str token = seal_sign(a, str_of(new_owner), signed_words(a, tenant, id, expires_us));
    return str_join(
        a, STR("/manage/login/ownership?id="), str_of_i64(a, id), STR("&t="), token, STR_NULL);
}

static struct str holder_path(struct arena *a, int64_t tenant, int64_t id, int64_t staff)
{
    struct str token = seal_sign(a, str_of(holder_says), signed_words(a, tenant, id, staff));
    return str_join(a, STR("/manage/login/objection?id="), str_of_i64(a, id), STR("&who="),
        str_of_i64(a, staff), STR("&t="), token, STR_NULL);
}

static struct ownership of_row(const struct rows *rows, int i)
{
    return (struct ownership){.id = rows_i64(rows, i, KEY(transfer_id)),
        .state = rows_str(rows, i, KEY(state)),
        .operator_name = rows_str(rows, i, KEY(operator_name)),
        .email = rows_str(rows, i, KEY(email)),
        .reason = rows_str(rows, i, KEY(reason)),
        .proof = rows_str(rows, i, KEY(proof)),
        .former = rows_str(rows, i, KEY(former)),
        .consented_by = rows_str(rows, i, KEY(consented_by)),
        .ended_by = rows_str(rows, i, KEY(ended_by)),
        .asked_us = rows_us(rows, i, KEY(asked_us)),
        .ready_us = rows_us(rows, i, KEY(ready_us)),
        .expires_us = rows_us(rows, i, KEY(expires_us)),
        .confirmed_us = rows_us(rows, i, KEY(confirmed_us)),
        .consented_us = rows_us(rows, i, KEY(consented_us)),
        .ended_us = rows_us(rows, i, KEY(ended_us)),
        .member = rows_i64(rows, i, KEY(member))};
}

struct ownership *ownership_list(struct arena *a, const struct site *site, size_t *count)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_ownership_list, db_i64(a, site->tenant));
    if (unit_run(u) != DB_OK)
        return NULL;
    const struct rows *rows = unit_rows(u, place);
    struct ownership *list = arena_new_array(a, struct ownership, (size_t)rows->count + 1);
    *count = (size_t)rows->count;
    for (int i = 0; i < rows->count; i++)
        list[i] = of_row(rows, i);
    return list;
}

enum ownership_result ownership_load(
    struct arena *a, const struct site *site, int64_t id, struct ownership *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_ownership_load, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return OWNERSHIP_BUSY;
    if (!unit_rows(u, place)->count)
        return OWNERSHIP_GONE;
    *out = of_row(unit_rows(u, place), 0);
    return OWNERSHIP_DONE;
}

void ownership_audit(struct unit *u, const char *action, const struct feature_actor *actor,
    const struct value *after)
{
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(action),
                     .object_kind = STR(OWNERSHIP_KIND),
                     .object_id = STR(OWNERSHIP_OBJECT),
                     .after = after});
}

enum ownership_result ownership_finish(struct unit *u)
{
    static const struct {
        const char *code;
        enum ownership_result result;
    } refusals[] = {{"gone", OWNERSHIP_GONE}, {"is_owner", OWNERSHIP_IS_OWNER},
        {"ownerless", OWNERSHIP_OWNERLESS}};
    switch (unit_run(u)) {
    case DB_OK:
        return OWNERSHIP_DONE;
    case DB_CONFLICT:
        return OWNERSHIP_BEGUN;
    case DB_REFUSED:
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            if (str_is(unit_refusal(u), refusals[i].code))
                return refusals[i].result;
        return OWNERSHIP_GONE;
    default:
        return OWNERSHIP_BUSY;
    }
}

// What the letters say: whose site, who asks, why, who comes, until when.
static struct value *words_of(struct arena *a, const struct site *site, const struct ownership *o)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(venue), site->name);
    value_set_str(a, v, KEY(who), o->operator_name);
    value_set_str(a, v, KEY(reason), o->reason);
    value_set_str(a, v, KEY(email), o->email);
    value_set_str(a, v, KEY(former), o->former);
    return v;
}

static void tell_new(struct unit *u, const struct site *site, const struct ownership *o)
{
    struct arena *a = unit_arena(u);
    struct letter letter = {.key = STR("ownership_new"),
        .arguments = words_of(a, site, o),
        .path = new_owner_path(a, site->tenant, o->id, o->expires_us)};
    letter_to_address(u, &letter, o->email);
}

static void add_holders(
    struct unit *u, const struct site *site, const struct ownership *o, const struct rows *owners)
{
    struct arena *a = unit_arena(u);
    for (int i = 0; i < owners->count; i++) {
        int64_t staff = rows_i64(owners, i, KEY(staff_id));
        struct letter letter = {.key = STR("ownership_told"),
            .arguments = words_of(a, site, o),
            .path = holder_path(a, site->tenant, o->id, staff)};
        unit_add(u, &SQL_ownership_add_holder, db_i64(a, site->tenant), db_i64(a, o->id),
            db_i64(a, staff));
        letter_to_staff(u, &letter, staff);
    }
}

static void add_transfer(
    struct unit *u, const struct ownership *o, const struct feature_actor *actor)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_ownership_add, db_i64(a, unit_tenant(u)), db_i64(a, o->id),
        db_i64(a, actor->id), actor->name, o->email, text_fold(a, o->email), o->reason, o->proof,
        o->former, db_time(a, o->asked_us), db_time(a, o->ready_us), db_time(a, o->expires_us));
}

static void record_ask(struct unit *u, const struct ownership *o, const struct feature_actor *actor)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(email), o->email);
    value_set_str(a, after, KEY(reason), o->reason);
    value_set_str(a, after, KEY(proof), o->proof);
    value_set_str(a, after, KEY(former), o->former);
    ownership_audit(u, "ownership.ask", actor, after);
}

enum ownership_result ownership_ask(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct ownership_ask *what)
{
    int64_t now = clock_now_us();
    struct str tenant = db_i64(a, site->tenant);
    struct ownership o = {.id = id_number(),
        .operator_name = actor->name,
        .email = what->email,
        .reason = what->reason,
        .proof = what->proof,
        .former = what->former,
        .asked_us = now,
        .ready_us = now + OWNERSHIP_WAIT_US,
        .expires_us = now + OWNERSHIP_LINK_US};
    struct unit *read = unit_new(a, DB_READ, site->tenant);
    int owners = unit_add(read, &SQL_ownership_owners, tenant, db_i64(a, OWNERSHIP_HOLDERS_MAX));
    if (unit_run(read) != DB_OK)
        return OWNERSHIP_BUSY;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_staff_lock_owners, tenant);
    unit_add(u, &SQL_ownership_guard_owners, tenant, text_fold(a, what->email));
    unit_add(u, &SQL_ownership_drop_ended, tenant, db_time(a, now));
    add_transfer(u, &o, actor);
    add_holders(u, site, &o, unit_rows(read, owners));
    tell_new(u, site, &o);
    ownership_settle_at(u, o.id, o.ready_us);
    ownership_settle_at(u, o.id, o.expires_us);
    record_ask(u, &o, actor);
    return ownership_finish(u);
}

enum ownership_result ownership_again(
    struct arena *a, const struct site *site, int64_t id, const struct feature_actor *actor)
{
    struct ownership o;
    enum ownership_result found = ownership_load(a, site, id, &o);
    if (found != OWNERSHIP_DONE)
        return found;
    o.expires_us = clock_now_us() + OWNERSHIP_LINK_US;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(
        u, &SQL_ownership_renew, db_i64(a, site->tenant), db_i64(a, id), db_time(a, o.expires_us));
    tell_new(u, site, &o);
    ownership_settle_at(u, id, o.expires_us);
    ownership_audit(u, "ownership.again", actor, NULL);
    return ownership_finish(u);
}

// How it ended without a new owner; everybody who was told is told.
enum ownership_result ownership_end(struct arena *a, const struct site *site,
    const struct ownership *o, const struct ownership_ending *ending)
{
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id);
    struct value *words = words_of(a, site, o);
    struct letter letter = {
        .key = STR("ownership_ended"), .arguments = words, .path = STR("/manage")};
    value_set_str(a, words, KEY(state), str_of(ending->state));
    value_set_str(a, words, KEY(by), ending->actor->name);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    if (ending->holder)
        unit_add(u, &SQL_ownership_guard_holder, tenant, id, db_i64(a, ending->holder));
    unit_add(u, &SQL_ownership_end, tenant, id, str_of(ending->state), db_time(a, clock_now_us()),
        ending->actor->name);
    letter_to_owners(u, &letter);
    letter_to_address(u, &letter, o->email);
    letter.path = str_join(a, STR("/console/sites/"), site->slug, STR("/owner"), STR_NULL);
    letter_to_operators(u, &letter);
    ownership_audit(u, ending->action, ending->actor, NULL);
    return ownership_finish(u);
}

enum ownership_result ownership_withdraw(
    struct arena *a, const struct site *site, int64_t id, const struct feature_actor *actor)
{
    struct ownership o;
    struct ownership_ending ending = {"withdrawn", "ownership.withdraw", actor, 0};
    enum ownership_result found = ownership_load(a, site, id, &o);
    return found == OWNERSHIP_DONE ? ownership_end(a, site, &o, &ending) : found;
}

enum ownership_result ownership_open(
    struct arena *a, const struct site *site, int64_t id, struct str token, struct ownership *out)
{
    enum ownership_result found = ownership_load(a, site, id, out);
    if (found != OWNERSHIP_DONE)
        return found;
    bool good =
        str_is(out->state, "open") && !out->confirmed_us && clock_now_us() < out->expires_us &&
        seal_verify(str_of(new_owner), signed_words(a, site->tenant, id, out->expires_us), token);
    return good ? OWNERSHIP_DONE : OWNERSHIP_GONE;
}

enum ownership_result ownership_confirm(struct arena *a, const struct site *site,
    const struct ownership *o, const struct ownership_newcomer *who)
{
    struct str hash = STR_NULL;
    if (who->member != o->member)
        return OWNERSHIP_GONE;
    if (!who->member) {
        hash = password_hash(a, who->password);
        if (!hash.p)
            return OWNERSHIP_BUSY;
    }
    struct feature_actor actor = {.kind = STR("staff"), .id = who->member, .name = who->name};
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_ownership_confirm, db_i64(a, site->tenant), db_i64(a, o->id),
        db_time(a, clock_now_us()), who->name, hash);
    ownership_audit(u, "ownership.confirm", &actor, NULL);
    enum ownership_result result = ownership_finish(u);
    if (result == OWNERSHIP_DONE)
        ownership_settle(a, site, o->id);
    return result;
}

enum ownership_result ownership_holder_open(
    struct arena *a, const struct site *site, struct ownership_holder *h)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(
        u, &SQL_ownership_holder, db_i64(a, site->tenant), db_i64(a, h->id), db_i64(a, h->staff));
    if (unit_run(u) != DB_OK)
        return OWNERSHIP_BUSY;
    const struct rows *rows = unit_rows(u, place);
    bool good = rows->count && str_is(rows_str(rows, 0, KEY(state)), "open");
    if (h->token.p)
        good = good && seal_verify(str_of(holder_says),
                           signed_words(a, site->tenant, h->id, h->staff), h->token);
    if (!good)
        return OWNERSHIP_GONE;
    h->name = rows_str(rows, 0, KEY(name));
    return OWNERSHIP_DONE;
}

enum ownership_result ownership_object(
    struct arena *a, const struct site *site, const struct ownership_holder *h)
{
    struct ownership o;
    struct feature_actor actor = {.kind = STR("staff"), .id = h->staff, .name = h->name};
    struct ownership_ending ending = {"objected", "ownership.object", &actor, h->staff};
    enum ownership_result found = ownership_load(a, site, h->id, &o);
    return found == OWNERSHIP_DONE ? ownership_end(a, site, &o, &ending) : found;
}

enum ownership_result ownership_consent(
    struct arena *a, const struct site *site, const struct ownership_holder *h)
{
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, h->id);
    struct feature_actor actor = {.kind = STR("staff"), .id = h->staff, .name = h->name};
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_ownership_guard_holder, tenant, id, db_i64(a, h->staff));
    unit_add(u, &SQL_ownership_consent, tenant, id, db_time(a, clock_now_us()), h->name);
    ownership_audit(u, "ownership.consent", &actor, NULL);
    enum ownership_result result = ownership_finish(u);
    if (result == OWNERSHIP_DONE)
        ownership_settle(a, site, h->id);
    return result;
}
