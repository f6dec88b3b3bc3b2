#include "domain/passkey.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/seal.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/passkey.sql.h"

// Counted apart from passwords: a key can't be guessed, the tries only cost work.
enum { LOGINS = 60, LOGINS_MS = 15 * 60 * 1000 };

static struct str hex_of(struct arena *a, struct str bytes)
{
    return str_hex(a, bytes.p, bytes.len);
}

static struct str digest_of(struct arena *a, struct str text)
{
    return str_hex(a, hash_sha256(text).bytes, 32);
}

// "1795340000.w5Jq…": until when, and what makes it differ from all others.
static struct str signed_words(
    struct arena *a, const struct site *site, const struct passkey_ask *ask, struct str head)
{
    return str_format(a, "%lld/%d/%.*s/%lld/%.*s/%.*s", (long long)site->tenant, (int)ask->act,
        STR_ARG(digest_of(a, ask->browser)), (long long)ask->customer, STR_ARG(head),
        STR_ARG(text_fold(a, ask->email)));
}

struct str passkey_challenge(
    struct arena *a, const struct site *site, const struct passkey_ask *ask)
{
    int64_t until_s = (clock_now_us() + PASSKEY_ASK_US) / US_PER_SECOND;
    struct str head = str_join(a, str_of_i64(a, until_s), STR("."), id_token(a), STR_NULL);
    struct str sign = seal_sign(a, STR("passkey"), signed_words(a, site, ask, head));
    return str_join(a, head, STR("."), sign, STR_NULL);
}

static bool is_ours(struct arena *a, const struct site *site, const struct passkey_ask *ask,
    struct str challenge, int64_t *expires_us)
{
    struct str rest = challenge, until = str_cut(&rest, '.'), random = str_cut(&rest, '.');
    int64_t until_s;
    if (!ask->browser.len || rest.len != SEAL_TOKEN_LEN || random.len != ID_TOKEN_LEN ||
        until.len > 12 || !str_to_i64(until, &until_s))
        return false;
    *expires_us = until_s * US_PER_SECOND;
    struct str head = str_join(a, until, STR("."), random, STR_NULL);
    return *expires_us > clock_now_us() &&
           seal_verify(STR("passkey"), signed_words(a, site, ask, head), rest);
}

struct str passkey_handle(struct arena *a, const struct site *site, int64_t customer)
{
    struct str words =
        str_format(a, "passkey/%lld/%lld", (long long)site->tenant, (long long)customer);
    return str_dup(a, str_n(hash_sha256(words).bytes, 32));
}

// Made up from the address, as long as those of common authenticators are.
static struct str decoy(struct arena *a, const struct site *site, struct str folded, int place)
{
    static const unsigned char lengths[] = {16, 20, 32, 32, 48, 64};
    struct seal_digest parts[2];
    for (int i = 0; i < 2; i++)
        parts[i] = seal_digest(STR("passkey_decoy"),
            str_format(a, "%lld/%d/%d/%.*s", (long long)site->tenant, place, i, STR_ARG(folded)));
    size_t len = lengths[parts[1].bytes[31] % sizeof lengths];
    return str_dup(a, str_n(parts, len));
}

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

enum customer_result passkey_allowed(struct arena *a, const struct site *site, struct str email,
    struct str credentials[PASSKEYS_MAX])
{
    struct str folded = text_fold(a, email), decoys[PASSKEYS_MAX];
    for (int i = 0; i < PASSKEYS_MAX; i++)
        decoys[i] = decoy(a, site, folded, i);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_passkey_of_address, db_i64(a, site->tenant), folded);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; i < PASSKEYS_MAX; i++)
        credentials[i] = i < rows->count ? id_base64_decode(a, rows_str(rows, i, KEY(credential)))
                                         : decoys[i - rows->count];
    // Neither the order nor the number says which are real.
    qsort(credentials, PASSKEYS_MAX, sizeof *credentials, by_bytes);
    return CUSTOMER_DONE;
}

static void add_answer(struct unit *u, struct str challenge, int64_t expires_us)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u));
    unit_add(u, &SQL_passkey_answer_clean, tenant, db_time(a, clock_now_us()));
    unit_add(u, &SQL_passkey_answer_add, tenant, digest_of(a, challenge), db_time(a, expires_us));
}

static enum passkey_result finish(struct unit *u)
{
    switch (unit_run(u)) {
    case DB_OK:
        return PASSKEY_DONE;
    case DB_CONFLICT:
        return PASSKEY_KNOWN;
    case DB_REFUSED:
        break;
    default:
        return PASSKEY_BUSY;
    }
    if (str_is(unit_refusal(u), "passkey_answered"))
        return PASSKEY_LATE;
    if (str_is(unit_refusal(u), "passkey_copied"))
        return PASSKEY_COPIED;
    return str_is(unit_refusal(u), "passkey_full") ? PASSKEY_FULL : PASSKEY_GONE;
}

static struct value *named(struct arena *a, struct str name)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(passkey), name);
    return v;
}

static void add_mail(struct unit *u, const struct customer *c, const char *key, struct str name)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(passkey), name);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = str_of(key),
                            .to = c->email,
                            .customer = c->id,
                            .language = c->language,
                            .variables = variables});
}

enum passkey_result passkey_add(struct arena *a, const struct site *site, const struct customer *c,
    const struct passkey_new *made, int64_t *id)
{
    struct str challenge, tenant = db_i64(a, site->tenant), owner = db_i64(a, c->id);
    struct webauthn_key key;
    int64_t expires_us, now = clock_now_us();
    if (webauthn_client(a, &made->where, WEBAUTHN_CREATE, made->client_data, &challenge) !=
        WEBAUTHN_GOOD)
        return PASSKEY_WRONG;
    if (!is_ours(a, site, &made->ask, challenge, &expires_us))
        return PASSKEY_LATE;
    if (webauthn_made(a, &made->where, made->attestation, &key) != WEBAUTHN_GOOD)
        return PASSKEY_WRONG;
    *id = id_number();
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_passkey_lock, tenant, owner);
    add_answer(u, challenge, expires_us);
    unit_add(u, &SQL_passkey_add, tenant, db_i64(a, *id), owner, made->name, made->where.host,
        hex_of(a, key.id), db_i64(a, key.algorithm), hex_of(a, key.public_key),
        db_i64(a, key.counter), db_time(a, now));
    unit_add(u, &SQL_passkey_room, tenant, owner, db_i64(a, PASSKEYS_MAX));
    customer_audit(u, c, "customer.passkey_add", NULL, named(a, made->name));
    add_mail(u, c, "customer_passkey", made->name);
    return finish(u);
}

struct found {
    int64_t id;
    struct str name, host, email_folded;
    bool copied;
    struct webauthn_key key;
};

static enum passkey_result load(struct arena *a, const struct site *site, struct str credential,
    struct found *p, struct customer *c)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_passkey_load, db_i64(a, site->tenant), hex_of(a, credential));
    if (unit_run(u) != DB_OK)
        return PASSKEY_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    if (!rows->count)
        return PASSKEY_WRONG;
    *c = customer_of_row(rows, 0);
    *p = (struct found){.id = rows_i64(rows, 0, KEY(passkey_id)),
        .name = rows_str(rows, 0, KEY(name)),
        .host = rows_str(rows, 0, KEY(host)),
        .email_folded = rows_str(rows, 0, KEY(email_folded)),
        .copied = rows_bool(rows, 0, KEY(copied)),
        .key = {.algorithm = (int)rows_i64(rows, 0, KEY(algorithm)),
            .id = credential,
            .public_key = id_base64_decode(a, rows_str(rows, 0, KEY(public_key))),
            .counter = rows_i64(rows, 0, KEY(counter))}};
    return PASSKEY_DONE;
}

// Who typed an address is let in as nobody else; who typed none is named by the authenticator.
static bool is_meant(struct arena *a, const struct site *site, const struct passkey_login *login,
    const struct found *p, const struct customer *c)
{
    struct str handle = passkey_handle(a, site, c->id), folded = text_fold(a, login->ask.email);
    if (login->handle.len ? !str_eq(login->handle, handle) : !folded.len)
        return false;
    return !folded.len || str_eq(folded, p->email_folded);
}

static void note_copy(
    struct arena *a, const struct site *site, const struct found *p, const struct customer *c)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_passkey_copied, db_i64(a, site->tenant), db_i64(a, p->id),
        db_time(a, clock_now_us()));
    customer_audit(u, c, "customer.passkey_copied", NULL, named(a, p->name));
    add_mail(u, c, "customer_passkey_copied", p->name);
    // Missed once, it is noted when the copy is used again.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

static enum passkey_result may_try(struct arena *a, const struct site *site,
    const struct passkey_login *login, int64_t *retry_after_s)
{
    struct attempt tries = {site->tenant, STR("passkey_login"), login->remote, LOGINS, LOGINS_MS};
    switch (attempt_take(a, &tries, retry_after_s)) {
    case ATTEMPT_ALLOWED:
        return PASSKEY_DONE;
    case ATTEMPT_REFUSED:
        return PASSKEY_TRIED;
    default:
        return PASSKEY_BUSY;
    }
}

struct used {
    struct str challenge;
    int64_t expires_us, counter;
};

static enum passkey_result use(
    struct arena *a, const struct site *site, const struct found *p, const struct used *used)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    add_answer(u, used->challenge, used->expires_us);
    unit_add(u, &SQL_passkey_use, db_i64(a, site->tenant), db_i64(a, p->id),
        db_i64(a, used->counter), db_time(a, clock_now_us()));
    return finish(u);
}

enum passkey_result passkey_log_in(struct arena *a, const struct site *site,
    const struct passkey_login *login, struct customer *out, int64_t *retry_after_s)
{
    struct used used;
    struct found p;
    enum passkey_result result = may_try(a, site, login, retry_after_s);
    if (result != PASSKEY_DONE)
        return result;
    if (webauthn_client(a, &login->where, WEBAUTHN_GET, login->answer.client_data,
            &used.challenge) != WEBAUTHN_GOOD)
        return PASSKEY_WRONG;
    if (!is_ours(a, site, &login->ask, used.challenge, &used.expires_us))
        return PASSKEY_LATE;
    result = load(a, site, login->credential, &p, out);
    if (result != PASSKEY_DONE)
        return result;
    if (!is_meant(a, site, login, &p, out) ||
        webauthn_verify(&login->where, &p.key, &login->answer, &used.counter) != WEBAUTHN_GOOD)
        return PASSKEY_WRONG;
    if (p.copied)
        return PASSKEY_COPIED;
    result = use(a, site, &p, &used);
    if (result == PASSKEY_COPIED)
        note_copy(a, site, &p, out);
    return result;
}

const struct rows *passkey_list(struct arena *a, const struct site *site, int64_t customer)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_passkey_list, db_i64(a, site->tenant), db_i64(a, customer));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

static enum passkey_result name_of(struct arena *a, const struct site *site,
    const struct customer *c, int64_t id, struct str *name)
{
    const struct rows *rows = passkey_list(a, site, c->id);
    if (!rows)
        return PASSKEY_BUSY;
    for (int i = 0; i < rows->count; i++)
        if (rows_i64(rows, i, KEY(passkey_id)) == id) {
            *name = rows_str(rows, i, KEY(name));
            return PASSKEY_DONE;
        }
    return PASSKEY_GONE;
}

enum passkey_result passkey_rename(
    struct arena *a, const struct site *site, const struct customer *c, int64_t id, struct str name)
{
    struct str before;
    enum passkey_result result = name_of(a, site, c, id, &before);
    if (result != PASSKEY_DONE || str_eq(before, name))
        return result;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(
        u, &SQL_passkey_rename, db_i64(a, site->tenant), db_i64(a, c->id), db_i64(a, id), name);
    customer_audit(u, c, "customer.passkey_rename", named(a, before), named(a, name));
    return finish(u);
}

enum passkey_result passkey_remove(
    struct arena *a, const struct site *site, const struct customer *c, int64_t id)
{
    struct str name;
    enum passkey_result result = name_of(a, site, c, id, &name);
    if (result != PASSKEY_DONE)
        return result;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_passkey_remove, db_i64(a, site->tenant), db_i64(a, c->id), db_i64(a, id));
    customer_audit(u, c, "customer.passkey_remove", named(a, name), NULL);
    add_mail(u, c, "customer_passkey_removed", name);
    return finish(u);
}
