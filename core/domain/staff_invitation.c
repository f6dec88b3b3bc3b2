#include "domain/staff_invitation.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/db.h"
#include "data/seal.h"
#include "domain/notification.h"
#include "domain/password.h"
#include "domain/staff_invitation.sql.h"

static struct str signed_words(struct arena *a, int64_t tenant, int64_t id, int64_t expires_us)
{
    return str_format(a, "%lld/%lld/%lld", (long long)tenant, (long long)id, (long long)expires_us);
}

struct str staff_invitation_path(struct arena *a, int64_t tenant, int64_t id, int64_t expires_us)
{
    struct str token =
        seal_sign(a, STR("staff_invitation"), signed_words(a, tenant, id, expires_us));
    return str_join(
        a, STR("/manage/login/invitation?id="), str_of_i64(a, id), STR("&t="), token, STR_NULL);
}

void staff_invitation_mail(struct unit *u, struct str inviter, const struct staff_invite *what)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(inviter), inviter);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("staff_invitation"),
                            .to = what->email,
                            .language = what->language,
                            .variables = variables,
                            .action_url = what->link});
}

static struct value *recorded(struct arena *a, struct str email, struct str role)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(email), email);
    value_set_str(a, v, KEY(role), role);
    return v;
}

static void add_row(struct unit *u, const struct staff_change *c, const struct staff_invite *what)
{
    struct arena *a = unit_arena(u);
    bool member = str_is(c->actor.kind, "staff");
    unit_add(u, &SQL_staff_invitation_add, db_i64(a, c->site->tenant), db_i64(a, c->id),
        what->email, text_fold(a, what->email), what->role, c->actor.name,
        db_time(a, clock_now_us()), db_time(a, what->expires_us),
        member ? db_i64(a, c->actor.id) : STR_NULL);
    staff_invitation_mail(u, c->actor.name, what);
    staff_audit(u, c, "staff.invite", NULL, recorded(a, what->email, what->role));
}

enum staff_result staff_invite(
    struct arena *a, const struct staff_change *c, const struct staff_invite *what)
{
    int64_t now = clock_now_us();
    struct str tenant = db_i64(a, c->site->tenant), folded = text_fold(a, what->email);
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_invitation_guard, tenant, folded);
    unit_add(u, &SQL_staff_invitation_drop_ended, tenant, folded, db_time(a, now));
    add_row(u, c, what);
    enum staff_result result = staff_finish(u);
    return result == STAFF_BUSY && str_is(unit_refusal(u), "works_here") ? STAFF_TAKEN : result;
}

enum staff_result staff_invite_owner(
    struct arena *a, const struct staff_change *c, const struct staff_invite *what)
{
    struct str tenant = db_i64(a, c->site->tenant);
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_invitation_guard_ownerless, tenant);
    unit_add(u, &SQL_staff_invitation_drop_owners, tenant, text_fold(a, what->email));
    add_row(u, c, what);
    return staff_finish(u);
}

static enum staff_result load(
    struct arena *a, const struct site *site, int64_t id, struct staff_invitation *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_staff_invitation_load, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return STAFF_BUSY;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return STAFF_GONE;
    *out = (struct staff_invitation){.id = id,
        .email = rows_str(rows, 0, KEY(email)),
        .role = rows_str(rows, 0, KEY(role)),
        .invited_by = rows_str(rows, 0, KEY(invited_by)),
        .expires_us = rows_us(rows, 0, KEY(expires_us))};
    return STAFF_DONE;
}

enum staff_result staff_invite_again(
    struct arena *a, const struct staff_change *c, struct staff_invite *what)
{
    struct staff_invitation known;
    enum staff_result found = load(a, c->site, c->id, &known);
    if (found != STAFF_DONE)
        return found;
    what->email = known.email;
    what->role = known.role;
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_invitation_renew, db_i64(a, c->site->tenant), db_i64(a, c->id),
        db_time(a, what->expires_us), c->actor.name,
        str_is(c->actor.kind, "staff") ? db_i64(a, c->actor.id) : STR_NULL);
    staff_invitation_mail(u, c->actor.name, what);
    staff_audit(u, c, "staff.invite_again", NULL, recorded(a, what->email, what->role));
    return staff_finish(u);
}

enum staff_result staff_invite_withdraw(struct arena *a, const struct staff_change *c)
{
    struct staff_invitation known;
    enum staff_result found = load(a, c->site, c->id, &known);
    if (found != STAFF_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_invitation_take, db_i64(a, c->site->tenant), db_i64(a, c->id));
    staff_audit(u, c, "staff.invite_withdraw", recorded(a, known.email, known.role), NULL);
    return staff_finish(u);
}

enum staff_result staff_invitation_open(struct arena *a, const struct site *site, int64_t id,
    struct str token, struct staff_invitation *out)
{
    enum staff_result found = load(a, site, id, out);
    if (found != STAFF_DONE)
        return found;
    bool good = clock_now_us() < out->expires_us &&
                seal_verify(STR("staff_invitation"),
                    signed_words(a, site->tenant, id, out->expires_us), token);
    return good ? STAFF_DONE : STAFF_GONE;
}

enum staff_result staff_invitation_accept(struct arena *a, const struct site *site,
    const struct staff_invitation *what, struct staff_newcomer *who)
{
    struct str tenant = db_i64(a, site->tenant);
    struct str hash = password_hash(a, who->password);
    if (!hash.p)
        return STAFF_BUSY;
    who->id = id_number();
    struct staff_change c = {.site = site,
        .actor = {.kind = STR("staff"), .id = who->id, .name = who->name},
        .id = who->id};
    struct value *after = recorded(a, what->email, what->role);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    value_set_str(a, after, KEY(name), who->name);
    unit_add(u, &SQL_staff_invitation_take, tenant, db_i64(a, what->id));
    unit_add(u, &SQL_staff_invitation_member, tenant, db_i64(a, who->id), what->email,
        text_fold(a, what->email), who->name, what->role, hash, db_time(a, clock_now_us()));
    if (str_is(what->role, "owner"))
        staff_tell_owners(u, &c, what->email);
    staff_audit(u, &c, "staff.join", NULL, after);
    return staff_finish(u);
}
