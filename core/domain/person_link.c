#include "domain/person_link.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/customer_email.sql.h"
#include "domain/customer_proof.sql.h"
#include "domain/customer_record.sql.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/person_link.sql.h"
#include "io/fiber.h"

static void add_audit(
    struct unit *u, int64_t customer, const char *action, const struct value *after)
{
    audit_add(u, &(struct audit){.actor_kind = STR("customer"),
                     .actor_id = customer,
                     .actor_name = STR(""),
                     .action = str_of(action),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(unit_arena(u), customer),
                     .after = after});
}

// Who wants to hear of customers hears that the verified person behind one came, changed or left
// (`p` NULL), and which of the details that every customer has are different now.
static void tell(struct unit *u, const struct customer *c, const struct person *p)
{
    struct arena *a = unit_arena(u);
    struct value *before = value_object(a), *after = value_object(a);
    value_set_str(a, after, KEY(person), p ? str_of_i64(a, p->version) : STR("left"));
    if (p) {
        value_set_str(a, before, KEY(first_name), c->first_name);
        value_set_str(a, after, KEY(first_name), p->first_name);
        value_set_str(a, before, KEY(last_name), c->last_name);
        value_set_str(a, after, KEY(last_name), p->last_name);
        value_set_str(a, before, KEY(phone), c->phone);
        value_set_str(a, after, KEY(phone), p->phone);
    }
    customer_tell(
        u, EVENT_customer_changed, &(struct customer_told){c->id, STR("customer"), before, after});
}

static struct value *confirmed(struct arena *a, const struct person *p)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(first_name), p->first_name);
    value_set_str(a, v, KEY(last_name), p->last_name);
    value_set_str(a, v, KEY(email), p->email);
    value_set_str(a, v, KEY(phone), p->phone);
    value_set_str(a, v, KEY(gender), p->gender);
    value_set_str(a, v, KEY(country), p->country);
    value_set_str(a, v, KEY(birthdate), p->birthdate);
    return v;
}

static void add_follow(struct unit *u, int64_t person)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(person_id), str_of_i64(a, person));
    job_add(u, STR(PERSON_FOLLOW_JOB), payload, clock_now_us(), STR_NULL);
}

void person_add_linked(struct unit *u, const struct customer *c, const struct person *p)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    add_audit(u, c->id, "customer.person_link", NULL);
    value_set_str(a, variables, KEY(name), c->first_name);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("person_linked"),
                            .to = c->email,
                            .customer = c->id,
                            .language = p->language,
                            .variables = variables});
    // Who changed or left in this moment couldn't know of this customer.
    add_follow(u, p->id);
}

static enum customer_result find_customer(
    struct arena *a, int64_t tenant, int64_t person, struct customer *c, int64_t *version)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(u, &SQL_person_customer, db_i64(a, tenant), db_i64(a, person));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, 0)->count)
        return CUSTOMER_GONE;
    *c = customer_of_row(unit_rows(u, 0), 0);
    *version = rows_i64(unit_rows(u, 0), 0, KEY(person_version));
    return CUSTOMER_DONE;
}

void person_add_record(struct unit *u, int64_t customer, const struct person *p)
{
    add_audit(u, customer, "customer.person_link", confirmed(unit_arena(u), p));
    add_follow(u, p->id);
}

// The name and phone by which the site finds them from now on.
static void add_search(struct unit *u, int64_t customer, const struct person *p)
{
    struct customer shown = {.id = customer,
        .first_name = p->first_name,
        .last_name = p->last_name,
        .email = p->email,
        .phone = p->phone};
    customer_add_search(u, &shown);
}

enum customer_result person_link(
    struct arena *a, int64_t tenant, const struct customer *c, const struct person *p)
{
    struct str site = db_i64(a, tenant), id = db_i64(a, c->id);
    struct customer there;
    int64_t version;
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_person_link, site, id, text_fold(a, p->email), db_i64(a, p->id),
        db_i64(a, p->version), p->email, p->first_name, p->last_name, p->phone, p->gender,
        p->country, p->birthdate);
    unit_add(u, &SQL_customer_wish_done, site, id);
    add_search(u, c->id, p);
    tell(u, c, p);
    person_add_record(u, c->id, p);
    enum customer_result result = customer_finish(u);
    if (result != CUSTOMER_GONE && result != CUSTOMER_CHANGED)
        return result;
    // The second of two clicks; another of the site's customers, whom the address was before.
    result = find_customer(a, tenant, p->id, &there, &version);
    return result == CUSTOMER_DONE && there.id != c->id ? CUSTOMER_TAKEN : result;
}

enum customer_result person_unlink(struct arena *a, int64_t tenant, const struct customer *c)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_person_unlink, db_i64(a, tenant), db_i64(a, c->id), db_i64(a, c->person));
    add_audit(u, c->id, "customer.person_unlink", NULL);
    tell(u, c, NULL);
    return customer_finish(u);
}

enum customer_result person_load(struct arena *a, int64_t id, struct person *out)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_person_load, db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, 0)->count)
        return CUSTOMER_GONE;
    *out = person_of_row(unit_rows(u, 0), 0);
    return CUSTOMER_DONE;
}

static void add_mail(struct unit *u, const char *key, struct str to, const struct customer *c,
    const struct person *p)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(name), p->first_name);
    value_set_str(a, variables, KEY(email), p->email);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = str_of(key),
                            .to = to,
                            .customer = c->id,
                            .language = p->language,
                            .variables = variables});
}

// The person showed that the address is theirs: whoever typed it here becomes one with them, what
// was bought under it as a guest is theirs, and whoever is logged in by the former one isn't.
static bool add_move(struct unit *u, const struct customer *c, const struct person *p, int64_t keep)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), id = db_i64(a, c->id);
    struct value *before = value_object(a), *after = value_object(a);
    struct customer moved = *c;
    struct customer_proven proven = {.keep_password = true, .keep_session = keep};
    moved.email = p->email;
    unit_add(u, &SQL_customer_address_lock, tenant, text_fold(a, p->email));
    unit_add(u, &SQL_person_address_free, tenant, id, text_fold(a, p->email));
    if (!customer_add_proof(u, &moved, &proven))
        return false;
    unit_add(u, &SQL_customer_end_sessions, tenant, id, db_i64(a, keep));
    unit_add(u, &SQL_customer_wish_done, tenant, id);
    add_mail(u, "person_address_left", c->email, c, p);
    add_mail(u, "person_address_new", p->email, c, p);
    value_set_str(a, before, KEY(email), c->email);
    value_set_str(a, after, KEY(email), p->email);
    customer_tell(u, EVENT_customer_email_changed,
        &(struct customer_told){c->id, STR("customer"), before, after});
    return true;
}

static enum customer_result bring(
    struct arena *a, int64_t tenant, const struct customer *c, const struct person *p, int64_t keep)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    bool moves = !str_eq(text_fold(a, c->email), text_fold(a, p->email));
    if (moves && !add_move(u, c, p, keep))
        return CUSTOMER_BUSY;
    unit_add(u, &SQL_person_follow, db_i64(a, tenant), db_i64(a, c->id), db_i64(a, p->id),
        db_i64(a, p->version), p->first_name, p->last_name, p->phone, p->gender, p->country,
        p->birthdate, p->email, text_fold(a, p->email),
        // Whom only the desk knows has no account by that.
        db_bool(c->registered_us || !moves));
    add_search(u, c->id, p);
    add_audit(u, c->id, "customer.person_follow", confirmed(a, p));
    tell(u, c, p);
    return customer_finish(u);
}

enum customer_result person_follow(struct arena *a, int64_t tenant, int64_t person, int64_t keep)
{
    struct person p;
    struct customer c;
    int64_t version;
    enum customer_result found = find_customer(a, tenant, person, &c, &version);
    if (found != CUSTOMER_DONE)
        return found == CUSTOMER_GONE ? CUSTOMER_DONE : found;
    found = person_load(a, person, &p);
    if (found == CUSTOMER_GONE)
        return person_unlink(a, tenant, &c);
    if (found != CUSTOMER_DONE || version >= p.version)
        return found;
    // Another one was quicker, with news as new.
    enum customer_result result = bring(a, tenant, &c, &p, keep);
    return result == CUSTOMER_CHANGED ? CUSTOMER_DONE : result;
}

static enum job_result run_follow(struct job *job)
{
    int64_t person;
    if (!str_to_i64(value_get_str(job->payload, KEY(person_id)), &person))
        return JOB_DONE;
    enum customer_result result = person_follow(fiber_arena(), job->tenant, person, 0);
    return result == CUSTOMER_BUSY || result == CUSTOMER_TAKEN ? JOB_RETRY : JOB_DONE;
}

void person_link_start(void)
{
    job_handler(PERSON_FOLLOW_JOB, run_follow);
}
