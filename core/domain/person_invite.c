#include "domain/person_invite.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "base/zone.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "data/seal.h"
#include "domain/customer_login.sql.h"
#include "domain/customer_record.sql.h"
#include "domain/customer_rows.h"
#include "domain/person_invite.sql.h"
#include "domain/person_link.h"

enum { SITE_INVITATIONS = 50, ALL_INVITATIONS = 5, DAY_MS = 24 * 3600 * 1000 };
#define HOLDS_US (7 * US_PER_DAY)

enum customer_result person_invite(
    struct arena *a, const struct customer_editor *by, struct str email)
{
    struct attempt tries = {
        by->site->tenant, STR("person_invite"), STR(""), SITE_INVITATIONS, DAY_MS};
    enum attempt_result may = attempt_take(a, &tries, NULL);
    if (may != ATTEMPT_ALLOWED)
        return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(email), email);
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    job_add(u, STR(PERSON_INVITE_JOB), payload, clock_now_us(), STR_NULL);
    audit_add(u, &(struct audit){.actor_kind = by->actor->kind,
                     .actor_id = by->actor->id,
                     .actor_name = by->actor->name,
                     .action = STR("customer.person_invite"),
                     .object_kind = STR("site"),
                     .object_id = str_of_i64(a, by->site->tenant)});
    return customer_finish(u);
}

static struct str token_of(
    struct arena *a, const struct site *site, const struct person *p, int64_t until_us)
{
    struct str words = str_format(
        a, "%lld/%lld/%lld/", (long long)site->tenant, (long long)p->id, (long long)until_us);
    return str_join(a, words, text_fold(a, p->email), STR_NULL);
}

static enum customer_result find_here(
    struct arena *a, const struct site *site, int64_t person, bool *here)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_person_here, db_i64(a, site->tenant), db_i64(a, person));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    *here = unit_rows(u, 0)->count > 0;
    return CUSTOMER_DONE;
}

// One mail a day from a site, a few from all.
static enum customer_result may_write(
    struct arena *a, const struct site *site, const struct person *p)
{
    struct str who = str_of_i64(a, p->id);
    struct attempt tries[] = {{site->tenant, STR("person_invitation"), who, 1, DAY_MS},
        {0, STR("person_invitation"), who, ALL_INVITATIONS, DAY_MS}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        enum attempt_result may = attempt_take(a, &tries[i], NULL);
        if (may != ATTEMPT_ALLOWED)
            return may == ATTEMPT_REFUSED ? CUSTOMER_GONE : CUSTOMER_BUSY;
    }
    return CUSTOMER_DONE;
}

enum customer_result person_invitation_of(
    struct arena *a, const struct site *site, struct str email, struct person_invitation *out)
{
    struct person_list found;
    bool here = false;
    enum customer_result result = person_find_all(a, &email, 1, &found);
    if (result != CUSTOMER_DONE || !found.count)
        return result == CUSTOMER_DONE ? CUSTOMER_GONE : result;
    const struct person *p = &found.items[0];
    result = find_here(a, site, p->id, &here);
    if (result == CUSTOMER_DONE)
        result = here ? CUSTOMER_GONE : may_write(a, site, p);
    if (result != CUSTOMER_DONE)
        return result;
    int64_t until = clock_now_us() + HOLDS_US;
    *out = (struct person_invitation){.person = p->id,
        .until_us = until,
        .token = seal_sign(a, STR("person_invite"), token_of(a, site, p, until)),
        .language = p->language};
    return CUSTOMER_DONE;
}

enum customer_result person_invited(struct arena *a, const struct site *site,
    const struct person_invitation *shown, struct person *out)
{
    if (shown->until_us <= clock_now_us())
        return CUSTOMER_GONE;
    enum customer_result found = person_load(a, shown->person, out);
    if (found != CUSTOMER_DONE)
        return found;
    struct str words = token_of(a, site, out, shown->until_us);
    return seal_verify(STR("person_invite"), words, shown->token) ? CUSTOMER_DONE : CUSTOMER_GONE;
}

static enum customer_result make(struct arena *a, const struct site *site, const struct person *p)
{
    struct customer c = {.id = id_number(),
        .first_name = p->first_name,
        .last_name = p->last_name,
        .email = p->email,
        .phone = p->phone};
    struct str tenant = db_i64(a, site->tenant), folded = text_fold(a, p->email);
    struct str language = site_speaks(site, p->language) ? p->language : site->languages[0];
    struct customer_proven proven = {.keep_password = true};
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_address_lock, tenant, folded);
    unit_add(u, &SQL_person_make_customer, tenant, db_i64(a, c.id), c.first_name, c.last_name,
        c.email, folded, c.phone, language, p->gender, p->country, p->birthdate,
        db_time(a, clock_now_us()), db_i64(a, p->id), db_i64(a, p->version));
    c.verified_us = clock_now_us();
    if (!customer_add_proof(u, &c, &proven))
        return CUSTOMER_BUSY;
    customer_add_search(u, &c);
    person_add_record(u, c.id, p);
    customer_tell(
        u, EVENT_customer_created, &(struct customer_told){.id = c.id, .by = STR("customer")});
    return customer_finish(u);
}

enum customer_result person_accept(struct arena *a, const struct site *site, const struct person *p)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_of_address, db_i64(a, site->tenant), text_fold(a, p->email));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, 0)->count)
        return make(a, site, p);
    struct customer c = customer_of_row(unit_rows(u, 0), 0);
    if (c.person == p->id)
        return CUSTOMER_DONE;
    // Whoever typed the address before is the person from now on, without the stranger's password.
    if (!c.verified_us) {
        struct customer_proven proven = {.keep_password = false};
        struct unit *proof = unit_new(a, DB_WRITE, site->tenant);
        if (!customer_add_proof(proof, &c, &proven))
            return CUSTOMER_BUSY;
        enum customer_result shown = customer_finish(proof);
        if (shown != CUSTOMER_DONE)
            return shown;
    }
    return person_link(a, site->tenant, &c, p);
}
