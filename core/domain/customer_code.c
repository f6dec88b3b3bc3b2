// Codes and links by mail. Both follow from the row's number and end under the installation's key,
// so that what is stored opens nothing.
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/jobs.h"
#include "data/seal.h"
#include "domain/customer_login.h"
#include "domain/customer_login.sql.h"
#include "domain/customer_rows.h"

// Five an hour and twelve a day for one address: of a million codes, sixty a day can be tried.
enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS, HOUR_CODES = 5, DAY_CODES = 12 };
enum { ADDRESS_CODES = 30 };

struct code_row {
    int64_t id, expires_us;
    struct str email, browser_hash;
    bool ended;
};

static struct str words_of(struct arena *a, const struct site *site, const struct code_row *row)
{
    return str_format(a, "%lld/%lld/%lld", (long long)site->tenant, (long long)row->id,
        (long long)row->expires_us);
}

static struct str digits_of(struct arena *a, const struct site *site, const struct code_row *row)
{
    struct str words = words_of(a, site, row);
    struct sha256 digest = hash_sha256(seal_sign(a, STR("customer_code"), words));
    uint64_t number;
    memcpy(&number, digest.bytes, sizeof number);
    return str_format(a, "%06llu", (unsigned long long)(number % 1000000));
}

static struct str hash_of(struct arena *a, struct str browser)
{
    return str_hex(a, hash_sha256(browser).bytes, 32);
}

static enum customer_result may_ask(struct arena *a, const struct site *site,
    const struct customer_ask *ask, int64_t *retry_after_s)
{
    struct str folded = text_fold(a, ask->email);
    struct attempt tries[] = {
        {site->tenant, STR("customer_code_address"), ask->remote, ADDRESS_CODES, HOUR_MS},
        {site->tenant, STR("customer_code_hour"), folded, HOUR_CODES, HOUR_MS},
        {site->tenant, STR("customer_code_day"), folded, DAY_CODES, DAY_MS}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        enum attempt_result may = attempt_take(a, &tries[i], retry_after_s);
        if (may != ATTEMPT_ALLOWED)
            return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    }
    return CUSTOMER_DONE;
}

enum customer_result customer_ask_code(struct arena *a, const struct site *site,
    const struct customer_ask *ask, int64_t *id, int64_t *retry_after_s)
{
    enum customer_result may = may_ask(a, site, ask, retry_after_s);
    if (may != CUSTOMER_DONE)
        return may;
    int64_t now = clock_now_us(), until = now + CUSTOMER_CODE_MINUTES * 60 * US_PER_SECOND;
    struct str tenant = db_i64(a, site->tenant);
    struct value *payload = value_object(a);
    *id = id_number();
    value_set_str(a, payload, KEY(code_id), str_of_i64(a, *id));
    value_set_str(a, payload, KEY(language), ask->language);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_code_clean, tenant, db_time(a, now - US_PER_DAY));
    unit_add(u, &SQL_customer_code_add, tenant, db_i64(a, *id), ask->email,
        text_fold(a, ask->email), hash_of(a, ask->browser), db_time(a, now), db_time(a, until));
    job_add(u, STR(CUSTOMER_CODE_JOB), payload, now, STR_NULL);
    return customer_finish(u);
}

static enum customer_result load(
    struct arena *a, const struct site *site, int64_t id, struct code_row *row)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_customer_code_load, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return CUSTOMER_GONE;
    *row = (struct code_row){.id = id,
        .expires_us = rows_us(rows, 0, KEY(expires_us)),
        .email = rows_str(rows, 0, KEY(email)),
        .browser_hash = rows_str(rows, 0, KEY(browser_hash))};
    row->ended = rows_bool(rows, 0, KEY(used)) || row->expires_us <= clock_now_us() ||
                 rows_i64(rows, 0, KEY(tries)) >= CUSTOMER_CODE_TRIES;
    return row->ended ? CUSTOMER_GONE : CUSTOMER_DONE;
}

static enum customer_result find_of_address(
    struct arena *a, const struct site *site, struct str email, struct customer *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_customer_of_address, db_i64(a, site->tenant), text_fold(a, email));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, place)->count)
        return CUSTOMER_GONE;
    *out = customer_of_row(unit_rows(u, place), 0);
    return CUSTOMER_DONE;
}

enum customer_result customer_code_of(
    struct arena *a, const struct site *site, int64_t id, struct customer_code *out)
{
    struct code_row row;
    struct customer c;
    enum customer_result found = load(a, site, id, &row);
    if (found == CUSTOMER_DONE)
        found = find_of_address(a, site, row.email, &c);
    if (found != CUSTOMER_DONE)
        return found;
    *out = (struct customer_code){.customer = c.id,
        .email = row.email,
        .name = c.first_name,
        .code = digits_of(a, site, &row),
        .token = seal_sign(a, STR("customer_link"), words_of(a, site, &row))};
    return CUSTOMER_DONE;
}

static bool link_fits(struct arena *a, const struct site *site, const struct code_row *row,
    const struct customer_proof *proof)
{
    return proof->token.len &&
           seal_verify(STR("customer_link"), words_of(a, site, row), proof->token);
}

static bool browser_fits(
    struct arena *a, const struct code_row *row, const struct customer_proof *proof)
{
    return proof->browser.len && id_same_secret(row->browser_hash, hash_of(a, proof->browser));
}

enum customer_result customer_code_look(struct arena *a, const struct site *site,
    const struct customer_proof *proof, bool *same_browser)
{
    struct code_row row;
    enum customer_result found = load(a, site, proof->id, &row);
    if (found != CUSTOMER_DONE)
        return found;
    *same_browser = browser_fits(a, &row, proof);
    return *same_browser || link_fits(a, site, &row, proof) ? CUSTOMER_DONE : CUSTOMER_GONE;
}

// The link in the browser that asked, or the code in it, or both in another one.
static bool is_right(struct arena *a, const struct site *site, const struct code_row *row,
    const struct customer_proof *proof)
{
    bool link = link_fits(a, site, row, proof), browser = browser_fits(a, row, proof);
    bool code = id_same_secret(proof->code, digits_of(a, site, row));
    return (link && browser) || (code && (link || browser));
}

static enum customer_result count_try(struct arena *a, const struct site *site, int64_t id)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_code_try, db_i64(a, site->tenant), db_i64(a, id));
    return unit_run(u) == DB_OK ? CUSTOMER_WRONG : CUSTOMER_BUSY;
}

enum customer_result customer_use_code(struct arena *a, const struct site *site,
    const struct customer_proof *proof, struct customer *out)
{
    struct code_row row;
    enum customer_result found = load(a, site, proof->id, &row);
    if (found != CUSTOMER_DONE)
        return found;
    if (!is_right(a, site, &row, proof))
        return count_try(a, site, proof->id);
    // An address without an account gets no mail; who guessed its code learns as little.
    found = find_of_address(a, site, row.email, out);
    if (found != CUSTOMER_DONE)
        return found == CUSTOMER_GONE ? count_try(a, site, proof->id) : found;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_code_use, db_i64(a, site->tenant), db_i64(a, proof->id),
        db_time(a, clock_now_us()), db_i64(a, CUSTOMER_CODE_TRIES));
    struct customer_proven proven = {
        .keep_password = out->verified_us > 0 || out->id == proof->logged_in,
        .keep_session = proof->session};
    return customer_add_proof(u, out, &proven) ? customer_finish(u) : CUSTOMER_BUSY;
}

static struct str confirm_words(
    struct arena *a, const struct site *site, const struct customer *c, int64_t expires_us)
{
    return str_format(a, "%lld/%lld/%lld/%.*s", (long long)site->tenant, (long long)c->id,
        (long long)expires_us, STR_ARG(text_fold(a, c->email)));
}

struct str customer_confirm_token(
    struct arena *a, const struct site *site, const struct customer *c, int64_t expires_us)
{
    return seal_sign(a, STR("customer_confirm"), confirm_words(a, site, c, expires_us));
}

static enum customer_result verified_of(
    struct arena *a, const struct site *site, struct str email, int64_t *id)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_verified_of_address, db_i64(a, site->tenant), text_fold(a, email));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    *id = unit_rows(u, 0)->count ? rows_i64(unit_rows(u, 0), 0, KEY(customer_id)) : 0;
    return CUSTOMER_DONE;
}

enum customer_result customer_is_known(
    struct arena *a, const struct site *site, const struct customer *c, bool *known)
{
    int64_t id = 0;
    enum customer_result result = verified_of(a, site, c->email, &id);
    *known = id && id != c->id;
    return result;
}

enum customer_result customer_confirm(
    struct arena *a, const struct site *site, struct customer *c, const struct customer_link *link)
{
    struct str words = confirm_words(a, site, c, link->expires_us);
    if (link->expires_us <= clock_now_us() ||
        !seal_verify(STR("customer_confirm"), words, link->token))
        return CUSTOMER_GONE;
    int64_t known = 0;
    enum customer_result found = verified_of(a, site, c->email, &known);
    if (found == CUSTOMER_DONE && known && known != c->id)
        found = customer_find(a, site, known, c);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct customer_proven proven = {.keep_password = true, .keep_session = link->session};
    return customer_add_proof(u, c, &proven) ? customer_finish(u) : CUSTOMER_BUSY;
}
