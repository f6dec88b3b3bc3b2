#include "domain/customer_login.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/attempt.h"
#include "domain/customer_login.sql.h"
#include "domain/customer_proof.sql.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/password.h"

enum { WINDOW_MS = 15 * 60 * 1000, ACCOUNT_TRIES = 8, ADDRESS_TRIES = 60, PASSWORD_TRIES = 8 };

static enum customer_result take(
    struct arena *a, const struct attempt *tries, int64_t *retry_after_s)
{
    switch (attempt_take(a, tries, retry_after_s)) {
    case ATTEMPT_ALLOWED:
        return CUSTOMER_DONE;
    case ATTEMPT_REFUSED:
        return CUSTOMER_TRIED;
    default:
        return CUSTOMER_BUSY;
    }
}

// Two passwords are checked, however many accounts of that address there are.
static enum customer_result check_candidates(
    struct arena *a, const struct rows *rows, struct str password, struct customer *out)
{
    enum { CHECKED = 2 };
    enum customer_result result = CUSTOMER_WRONG;
    for (int i = 0; i < CHECKED; i++) {
        bool there = i < rows->count;
        struct str hash = there ? rows_str(rows, i, KEY(password_hash)) : STR_NULL;
        enum password_result checked = password_check(a, hash, password);
        if (checked == PASSWORD_BUSY)
            return CUSTOMER_BUSY;
        if (checked != PASSWORD_RIGHT || !there || result == CUSTOMER_DONE)
            continue;
        *out = customer_of_row(rows, i);
        result = CUSTOMER_DONE;
    }
    return result;
}

enum customer_result customer_log_in(struct arena *a, const struct site *site,
    const struct customer_login *login, struct customer *out, int64_t *retry_after_s)
{
    struct str folded = text_fold(a, login->email);
    struct attempt account = {
        site->tenant, STR("customer_login"), folded, ACCOUNT_TRIES, WINDOW_MS};
    struct attempt address = {
        site->tenant, STR("customer_login_address"), login->remote, ADDRESS_TRIES, WINDOW_MS};
    enum customer_result result = take(a, &address, retry_after_s);
    if (result == CUSTOMER_DONE)
        result = take(a, &account, retry_after_s);
    if (result != CUSTOMER_DONE)
        return result;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_candidates, db_i64(a, site->tenant), folded);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    result = check_candidates(a, unit_rows(u, 0), login->password, out);
    if (result == CUSTOMER_DONE)
        attempt_clear(a, &account);
    return result;
}

static const struct rows *password_of(struct arena *a, const struct site *site, int64_t id)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_password, db_i64(a, site->tenant), db_i64(a, id));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

struct given {
    struct str hash, password;
};

static enum customer_result check_current(struct arena *a, const struct site *site,
    const struct customer *c, const struct given *given, int64_t *retry_after_s)
{
    struct attempt tries = {
        site->tenant, STR("customer_password"), str_of_i64(a, c->id), PASSWORD_TRIES, WINDOW_MS};
    enum customer_result may = take(a, &tries, retry_after_s);
    if (may != CUSTOMER_DONE)
        return may;
    switch (password_check(a, given->hash, given->password)) {
    case PASSWORD_BUSY:
        return CUSTOMER_BUSY;
    case PASSWORD_WRONG:
        return CUSTOMER_WRONG;
    case PASSWORD_RIGHT:
        break;
    }
    attempt_clear(a, &tries);
    return CUSTOMER_DONE;
}

enum customer_result customer_check_password(struct arena *a, const struct site *site,
    const struct customer *c, struct str password, int64_t *retry_after_s)
{
    const struct rows *rows = password_of(a, site, c->id);
    if (!rows)
        return CUSTOMER_BUSY;
    if (!rows->count)
        return CUSTOMER_GONE;
    struct given given = {rows_str(rows, 0, KEY(password_hash)), password};
    return check_current(a, site, c, &given, retry_after_s);
}

enum customer_result customer_set_password(struct arena *a, const struct site *site,
    const struct customer *c, const struct customer_password *p, int64_t *retry_after_s)
{
    const struct rows *rows = password_of(a, site, c->id);
    if (!rows)
        return CUSTOMER_BUSY;
    if (!rows->count)
        return CUSTOMER_GONE;
    struct str old = rows_str(rows, 0, KEY(password_hash));
    if (p->current.p) {
        struct given given = {old, p->current};
        enum customer_result checked = check_current(a, site, c, &given, retry_after_s);
        if (checked != CUSTOMER_DONE)
            return checked;
    }
    struct str hash = password_hash(a, p->wanted);
    if (!hash.p)
        return CUSTOMER_BUSY;
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, c->id);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_set_password, tenant, id, old, hash);
    unit_add(u, &SQL_customer_end_sessions, tenant, id, db_i64(a, p->keep_session));
    customer_audit(u, c, "customer.password", NULL, NULL);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("customer_password"),
                            .to = c->email,
                            .customer = c->id,
                            .language = c->language});
    return customer_finish(u);
}
