#include "domain/profile.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"
#include "base/zone.h"
#include "data/attempt.h"
#include "data/seal.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/profile.sql.h"
#include "domain/text_message.h"

enum { CODE_TRIES = 5, HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
// A text costs somebody something.
enum { HOUR_MAILS = 5, DAY_TEXTS = 5, SITE_TEXTS = 200 };

struct draft {
    int64_t email_until_us, email_at_us, phone_until_us;
    int64_t email_tries, phone_tries;
    struct str moving;
    int64_t moving_until_us, moving_tries;
    struct person typed;
};

static struct str digits_of(struct arena *a, const struct profile_key *key, struct str purpose,
    struct str target, int64_t until_us)
{
    uint64_t number;
    struct str words = str_format(a, "%lld/%lld/%lld/%lld/", (long long)key->site->tenant,
        (long long)key->customer->id, (long long)key->session, (long long)until_us);
    struct sha256 digest = hash_sha256(seal_sign(a, purpose, str_join(a, words, target, STR_NULL)));
    memcpy(&number, digest.bytes, sizeof number);
    return str_format(a, "%06llu", (unsigned long long)(number % 1000000));
}

static struct str email_digits(struct arena *a, const struct profile_key *key, int64_t until_us)
{
    return digits_of(a, key, STR("profile_email"), text_fold(a, key->customer->email), until_us);
}

static struct str phone_digits(
    struct arena *a, const struct profile_key *key, struct str phone, int64_t until_us)
{
    return digits_of(a, key, STR("profile_phone"), phone, until_us);
}

static void add(struct unit *u, const struct profile_key *key, struct sql *sql)
{
    struct arena *a = unit_arena(u);
    unit_add(u, sql, db_i64(a, key->site->tenant), db_i64(a, key->customer->id),
        db_i64(a, key->session));
}

static enum customer_result load(struct arena *a, const struct profile_key *key, struct draft *d)
{
    struct unit *u = unit_new(a, DB_READ, key->site->tenant);
    add(u, key, &SQL_profile_load);
    *d = (struct draft){.email_at_us = 0};
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    if (!rows->count)
        return CUSTOMER_GONE;
    *d = (struct draft){.email_until_us = rows_i64_or(rows, 0, KEY(email_until_us), 0),
        .email_at_us = rows_i64_or(rows, 0, KEY(email_at_us), 0),
        .phone_until_us = rows_i64_or(rows, 0, KEY(phone_until_us), 0),
        .email_tries = rows_i64(rows, 0, KEY(email_tries)),
        .phone_tries = rows_i64(rows, 0, KEY(phone_tries)),
        .moving = rows_str(rows, 0, KEY(new_email)),
        .moving_until_us = rows_i64_or(rows, 0, KEY(new_email_until_us), 0),
        .moving_tries = rows_i64(rows, 0, KEY(new_email_tries)),
        .typed = {.email = key->customer->email,
            .first_name = rows_str(rows, 0, KEY(first_name)),
            .last_name = rows_str(rows, 0, KEY(last_name)),
            .phone = rows_str(rows, 0, KEY(phone)),
            .gender = rows_str(rows, 0, KEY(gender)),
            .country = rows_str(rows, 0, KEY(country)),
            .birthdate = rows_str(rows, 0, KEY(birthdate)),
            .language = key->customer->language}};
    return CUSTOMER_DONE;
}

static bool is_open(const struct draft *d)
{
    return d->email_at_us + PROFILE_OPEN_MINUTES * 60 * US_PER_SECOND > clock_now_us();
}

enum customer_result profile_load(
    struct arena *a, const struct profile_key *key, struct profile_state *out)
{
    struct draft d;
    enum customer_result found = load(a, key, &d);
    int64_t now = clock_now_us();
    *out = (struct profile_state){.open = found == CUSTOMER_DONE && is_open(&d),
        .email_sent = d.email_until_us > now &&
                      d.email_tries<CODE_TRIES, .phone_sent = d.phone_until_us> now &&
                      d.phone_tries < CODE_TRIES,
        .typed = d.typed};
    if (d.moving_until_us > now && d.moving_tries < CODE_TRIES)
        out->moving = d.moving;
    return found == CUSTOMER_GONE ? CUSTOMER_DONE : found;
}

static enum customer_result take(struct arena *a, const struct attempt *tries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum attempt_result may = attempt_take(a, &tries[i], NULL);
        if (may != ATTEMPT_ALLOWED)
            return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    }
    return CUSTOMER_DONE;
}

enum customer_result profile_ask_email(struct arena *a, const struct profile_key *key)
{
    const struct customer *c = key->customer;
    struct attempt tries = {
        key->site->tenant, STR("profile_mail"), str_of_i64(a, c->id), HOUR_MAILS, HOUR_MS};
    int64_t until = clock_now_us() + PROFILE_CODE_MINUTES * 60 * US_PER_SECOND;
    enum customer_result may = take(a, &tries, 1);
    if (may != CUSTOMER_DONE)
        return may;
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(name), c->first_name);
    value_set_str(a, variables, KEY(code), email_digits(a, key, until));
    struct unit *u = unit_new(a, DB_WRITE, key->site->tenant);
    unit_add(u, &SQL_profile_ask_email, db_i64(a, key->site->tenant), db_i64(a, c->id),
        db_i64(a, key->session), db_time(a, until));
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("person_code"),
                            .to = c->email,
                            .customer = c->id,
                            .language = c->language,
                            .variables = variables});
    return customer_finish(u);
}

// Counted before it is looked at: tries at the same moment are as many.
static enum customer_result count_try(
    struct arena *a, const struct profile_key *key, struct sql *sql, struct draft *d)
{
    struct unit *u = unit_new(a, DB_WRITE, key->site->tenant);
    add(u, key, sql);
    return unit_run(u) == DB_OK ? load(a, key, d) : CUSTOMER_BUSY;
}

enum customer_result profile_prove_email(
    struct arena *a, const struct profile_key *key, struct str code)
{
    struct draft d;
    int64_t now = clock_now_us();
    enum customer_result found = count_try(a, key, &SQL_profile_email_try, &d);
    if (found == CUSTOMER_DONE && (d.email_until_us <= now || d.email_tries > CODE_TRIES))
        found = CUSTOMER_GONE;
    if (found != CUSTOMER_DONE)
        return found;
    if (!id_same_secret(code, email_digits(a, key, d.email_until_us)))
        return CUSTOMER_WRONG;
    struct unit *u = unit_new(a, DB_WRITE, key->site->tenant);
    unit_add(u, &SQL_profile_email_use, db_i64(a, key->site->tenant), db_i64(a, key->customer->id),
        db_i64(a, key->session), db_time(a, now), db_time(a, d.email_until_us));
    return customer_finish(u);
}

struct profile_code profile_phone_code(
    struct arena *a, const struct profile_key *key, struct str phone)
{
    int64_t until = clock_now_us() + PROFILE_CODE_MINUTES * 60 * US_PER_SECOND;
    return (struct profile_code){phone_digits(a, key, phone, until), until};
}

enum customer_result profile_ask_phone(struct arena *a, const struct profile_key *key,
    const struct person *typed, const struct profile_code *code, struct str text)
{
    int64_t tenant = key->site->tenant;
    struct str id = str_of_i64(a, key->customer->id);
    struct attempt tries[] = {{tenant, STR("profile_text"), id, DAY_TEXTS, DAY_MS},
        {tenant, STR("profile_texts"), STR(""), SITE_TEXTS, DAY_MS},
        {0, STR("profile_text"), typed->phone, DAY_TEXTS, DAY_MS}};
    enum customer_result may = take(a, tries, sizeof tries / sizeof *tries);
    if (may != CUSTOMER_DONE)
        return may;
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_profile_ask_phone, db_i64(a, tenant), db_i64(a, key->customer->id),
        db_i64(a, key->session), typed->first_name, typed->last_name, typed->phone, typed->gender,
        typed->country, typed->birthdate, db_time(a, code->until_us));
    struct text_message message = {typed->phone, text, code->until_us, key->customer->id};
    text_message_add(u, &message);
    return customer_finish(u);
}

enum customer_result profile_prove_phone(
    struct arena *a, const struct profile_key *key, struct str code, struct person *typed)
{
    struct draft d;
    enum customer_result found = count_try(a, key, &SQL_profile_phone_try, &d);
    if (found == CUSTOMER_DONE &&
        (!is_open(&d) || d.phone_until_us <= clock_now_us() || d.phone_tries > CODE_TRIES))
        found = CUSTOMER_GONE;
    if (found != CUSTOMER_DONE)
        return found;
    if (!id_same_secret(code, phone_digits(a, key, d.typed.phone, d.phone_until_us)))
        return CUSTOMER_WRONG;
    *typed = d.typed;
    struct unit *u = unit_new(a, DB_WRITE, key->site->tenant);
    unit_add(u, &SQL_profile_phone_use, db_i64(a, key->site->tenant), db_i64(a, key->customer->id),
        db_i64(a, key->session), db_time(a, d.phone_until_us));
    return customer_finish(u);
}

static struct str address_digits(
    struct arena *a, const struct profile_key *key, struct str email, int64_t until_us)
{
    return digits_of(a, key, STR("profile_address"), text_fold(a, email), until_us);
}

enum customer_result profile_ask_address(
    struct arena *a, const struct profile_key *key, struct str email)
{
    int64_t tenant = key->site->tenant;
    const struct customer *c = key->customer;
    struct attempt tries[] = {
        {tenant, STR("profile_mail"), str_of_i64(a, c->id), HOUR_MAILS, HOUR_MS},
        {0, STR("profile_address"), text_fold(a, email), HOUR_MAILS, HOUR_MS}};
    int64_t until = clock_now_us() + PROFILE_CODE_MINUTES * 60 * US_PER_SECOND;
    enum customer_result may = take(a, tries, sizeof tries / sizeof *tries);
    if (may != CUSTOMER_DONE)
        return may;
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(code), address_digits(a, key, email, until));
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_profile_ask_address, db_i64(a, tenant), db_i64(a, c->id),
        db_i64(a, key->session), email, db_time(a, until));
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("person_address_code"),
                            .to = email,
                            .customer = c->id,
                            .language = c->language,
                            .variables = variables});
    return customer_finish(u);
}

enum customer_result profile_prove_address(
    struct arena *a, const struct profile_key *key, struct str code, struct str *email)
{
    struct draft d;
    enum customer_result found = count_try(a, key, &SQL_profile_address_try, &d);
    if (found == CUSTOMER_DONE &&
        (!is_open(&d) || d.moving_until_us <= clock_now_us() || d.moving_tries > CODE_TRIES))
        found = CUSTOMER_GONE;
    if (found != CUSTOMER_DONE)
        return found;
    if (!id_same_secret(code, address_digits(a, key, d.moving, d.moving_until_us)))
        return CUSTOMER_WRONG;
    *email = d.moving;
    struct unit *u = unit_new(a, DB_WRITE, key->site->tenant);
    unit_add(u, &SQL_profile_address_use, db_i64(a, key->site->tenant),
        db_i64(a, key->customer->id), db_i64(a, key->session), db_time(a, d.moving_until_us));
    return customer_finish(u);
}
