// Passwords of staff: changed by whoever knows the old one, set anew through a link.
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/jobs.h"
#include "data/seal.h"
#include "domain/notification.h"
#include "domain/password.h"
#include "domain/staff_secret.h"
#include "domain/staff_secret.sql.h"

enum { PASSWORD_TRIES = 8, RESET_TRIES = 5, WINDOW_MS = 15 * 60 * 1000 };

static void say_changed(struct unit *u, struct str to)
{
    notification_add(
        u, &(struct notification){.plugin = STR("core"), .key = STR("staff_password"), .to = to});
}

static const struct rows *load(struct arena *a, const struct site *site, int64_t id)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_staff_secret_load, db_i64(a, site->tenant), db_i64(a, id));
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

static enum staff_result set(struct arena *a, const struct staff_change *c,
    const struct rows *member, struct str password, int64_t keep)
{
    struct str hash = password_hash(a, password), tenant = db_i64(a, c->site->tenant);
    if (!hash.p)
        return STAFF_BUSY;
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_secret_set_password, tenant, db_i64(a, c->id),
        rows_str(member, 0, KEY(password_hash)), hash);
    unit_add(u, &SQL_staff_secret_end_sessions, tenant, db_i64(a, c->id), db_i64(a, keep));
    say_changed(u, rows_str(member, 0, KEY(email)));
    staff_audit(u, c, "staff.password", NULL, NULL);
    return staff_finish(u);
}

static enum staff_result check_own(
    struct arena *a, const struct staff_change *c, struct str current, const struct rows **found)
{
    struct attempt tries = {
        c->site->tenant, STR("staff_password"), str_of_i64(a, c->id), PASSWORD_TRIES, WINDOW_MS};
    enum attempt_result may = attempt_take(a, &tries, NULL);
    const struct rows *member = may == ATTEMPT_ALLOWED ? load(a, c->site, c->id) : NULL;
    if (!member)
        return may == ATTEMPT_REFUSED ? STAFF_TRIED : STAFF_BUSY;
    if (!member->count)
        return STAFF_GONE;
    switch (password_check(a, rows_str(member, 0, KEY(password_hash)), current)) {
    case PASSWORD_BUSY:
        return STAFF_BUSY;
    case PASSWORD_WRONG:
        return STAFF_REFUSED;
    case PASSWORD_RIGHT:
        break;
    }
    attempt_clear(a, &tries);
    *found = member;
    return STAFF_DONE;
}

enum staff_result staff_check_password(
    struct arena *a, const struct staff_change *c, struct str current)
{
    const struct rows *member;
    return check_own(a, c, current, &member);
}

enum staff_result staff_change_password(struct arena *a, const struct staff_change *c,
    struct str current, struct str wanted, int64_t keep)
{
    const struct rows *member;
    enum staff_result known = check_own(a, c, current, &member);
    return known == STAFF_DONE ? set(a, c, member, wanted, keep) : known;
}

enum staff_result staff_ask_reset(
    struct arena *a, const struct site *site, struct str email, struct str language)
{
    struct attempt tries = {
        site->tenant, STR("staff_reset"), text_fold(a, email), RESET_TRIES, WINDOW_MS};
    enum attempt_result may = attempt_take(a, &tries, NULL);
    if (may != ATTEMPT_ALLOWED)
        return may == ATTEMPT_REFUSED ? STAFF_TRIED : STAFF_BUSY;
    struct value *payload = value_object(a);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    value_set_str(a, payload, KEY(email), email);
    value_set_str(a, payload, KEY(language), language);
    job_add(u, STR(STAFF_RESET_JOB), payload, clock_now_us(), STR_NULL);
    return staff_finish(u);
}

// The password's own hash is part of what is signed, so the link dies with it.
static struct str signed_words(struct arena *a, const struct site *site,
    const struct staff_reset *link, struct str password_hash)
{
    struct sha256 digest = hash_sha256(password_hash);
    return str_format(a, "%lld/%lld/%lld/%s", (long long)site->tenant, (long long)link->id,
        (long long)link->expires_us, str_hex(a, digest.bytes, sizeof digest.bytes).p);
}

enum staff_result staff_reset_of(
    struct arena *a, const struct site *site, struct str email, struct staff_reset *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place =
        unit_add(u, &SQL_staff_secret_by_email, db_i64(a, site->tenant), text_fold(a, email));
    if (unit_run(u) != DB_OK)
        return STAFF_BUSY;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return STAFF_GONE;
    *out = (struct staff_reset){.id = rows_i64(rows, 0, KEY(staff_id)),
        .expires_us = clock_now_us() + STAFF_RESET_US,
        .name = rows_str(rows, 0, KEY(name)),
        .email = rows_str(rows, 0, KEY(email))};
    out->token = seal_sign(
        a, STR("staff_reset"), signed_words(a, site, out, rows_str(rows, 0, KEY(password_hash))));
    return STAFF_DONE;
}

static enum staff_result open_link(
    struct arena *a, const struct site *site, struct staff_reset *link, const struct rows **member)
{
    *member = load(a, site, link->id);
    if (!*member)
        return STAFF_BUSY;
    if (!(*member)->count || clock_now_us() >= link->expires_us)
        return STAFF_GONE;
    link->name = rows_str(*member, 0, KEY(name));
    link->email = rows_str(*member, 0, KEY(email));
    struct str words = signed_words(a, site, link, rows_str(*member, 0, KEY(password_hash)));
    return seal_verify(STR("staff_reset"), words, link->token) ? STAFF_DONE : STAFF_GONE;
}

enum staff_result staff_reset_open(
    struct arena *a, const struct site *site, struct staff_reset *link)
{
    const struct rows *member;
    return open_link(a, site, link, &member);
}

enum staff_result staff_reset_password(
    struct arena *a, const struct site *site, struct staff_reset *link, struct str password)
{
    const struct rows *member;
    enum staff_result opened = open_link(a, site, link, &member);
    if (opened != STAFF_DONE)
        return opened;
    struct staff_change c = {.site = site,
        .actor = {.kind = STR("staff"), .id = link->id, .name = link->name},
        .id = link->id};
    return set(a, &c, member, password, 0);
}
