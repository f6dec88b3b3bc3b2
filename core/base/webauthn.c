#include "base/webauthn.h"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

// What every answer of an authenticator begins with: the host's digest, flags, its counter.
enum { HOST_LEN = 32, FLAGS_AT = 32, COUNTER_AT = 33, HEAD_LEN = 37 };
enum { FLAG_PRESENT = 1, FLAG_VERIFIED = 4, FLAG_KEY = 64 };
// Of a new key: its model, then how long its id is.
enum { ID_LEN_AT = HEAD_LEN + 16, ID_AT = ID_LEN_AT + 2 };
enum { CBOR_DEPTH_MAX = 8 };

enum webauthn_result webauthn_client(struct arena *a, const struct webauthn_site *site,
    enum webauthn_act act, struct str client_data, struct str *challenge)
{
    // Named first: the parser keeps known names only.
    value_key type = KEY(type), made_for = KEY(challenge), origin = KEY(origin);
    value_key framed = KEY(crossOrigin), top = KEY(topOrigin);
    struct json_error error;
    struct value *data = json_parse(a, client_data, JSON_DROP_UNKNOWN_KEYS, &error);
    if (!value_is(data, VALUE_OBJECT))
        return WEBAUTHN_MALFORMED;
    if (!str_is(
            value_get_str(data, type), act == WEBAUTHN_CREATE ? "webauthn.create" : "webauthn.get"))
        return WEBAUTHN_OTHER_TYPE;
    if (!str_eq(value_get_str(data, origin), site->origin) || value_get_bool(data, framed, false) ||
        value_get(data, top))
        return WEBAUTHN_OTHER_ORIGIN;
    *challenge = id_base64_decode(a, value_get_str(data, made_for));
    return challenge->len ? WEBAUTHN_GOOD : WEBAUTHN_MALFORMED;
}

// The argument of an item's head; false when it isn't all there, or is of no definite length.
static bool take_head(struct str *rest, unsigned *major, uint64_t *n)
{
    if (!rest->len)
        return false;
    unsigned char first = (unsigned char)rest->p[0];
    unsigned more = first & 31;
    size_t len = more < 24 ? 0 : (size_t)1 << (more - 24);
    if (more > 27 || rest->len < 1 + len)
        return false;
    *major = first >> 5;
    *n = len ? 0 : more;
    for (size_t i = 1; i <= len; i++)
        *n = *n << 8 | (unsigned char)rest->p[i];
    *rest = str_sub(*rest, 1 + len, rest->len);
    return true;
}

// One item. libcbor takes memory for as many parts as are announced, before it looks for them: nine
// bytes may announce more than any machine has.
static bool take_item(struct str *rest, int depth)
{
    enum { BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6 };
    unsigned major;
    uint64_t n;
    if (depth > CBOR_DEPTH_MAX || !take_head(rest, &major, &n) || major == TAG)
        return false;
    if (major != BYTES && major != TEXT && major != ARRAY && major != MAP)
        return true;
    if (n > rest->len)
        return false;
    if (major == BYTES || major == TEXT) {
        *rest = str_sub(*rest, (size_t)n, rest->len);
        return true;
    }
    for (uint64_t i = 0; i < (major == MAP ? 2 * n : n); i++)
        if (!take_item(rest, depth + 1))
            return false;
    return true;
}

static bool is_sound(struct str items)
{
    while (items.len)
        if (!take_item(&items, 1))
            return false;
    return true;
}

// What follows the head: a new key with its id before it, and extensions.
static bool is_tail_sound(struct str data)
{
    unsigned flags = (unsigned char)data.p[FLAGS_AT];
    if (!(flags & FLAG_KEY))
        return is_sound(str_sub(data, HEAD_LEN, data.len));
    if (data.len < ID_AT)
        return false;
    size_t id_len =
        (size_t)(unsigned char)data.p[ID_LEN_AT] << 8 | (unsigned char)data.p[ID_LEN_AT + 1];
    return data.len - ID_AT >= id_len && is_sound(str_sub(data, ID_AT + id_len, data.len));
}

static enum webauthn_result check_head(const struct webauthn_site *site, struct str data)
{
    struct sha256 host = hash_sha256(site->host);
    if (data.len < HEAD_LEN)
        return WEBAUTHN_MALFORMED;
    if (memcmp(data.p, host.bytes, HOST_LEN) != 0)
        return WEBAUTHN_OTHER_SITE;
    unsigned flags = (unsigned char)data.p[FLAGS_AT];
    if (!(flags & FLAG_PRESENT) || !(flags & FLAG_VERIFIED))
        return WEBAUTHN_NOBODY;
    return is_tail_sound(data) ? WEBAUTHN_GOOD : WEBAUTHN_MALFORMED;
}

static int64_t counter_of(struct str data)
{
    int64_t n = 0;
    for (int i = COUNTER_AT; i < HEAD_LEN; i++)
        n = n << 8 | (unsigned char)data.p[i];
    return n;
}

static bool is_text(const cbor_item_t *item, const char *text)
{
    return cbor_isa_string(item) && cbor_string_is_definite(item) &&
           str_is(str_n(cbor_string_handle(item), cbor_string_length(item)), text);
}

// The authenticator's data in an attestation object {fmt, attStmt, authData}.
static struct str data_of(struct arena *a, struct str attestation)
{
    struct cbor_load_result loaded;
    if (!is_sound(attestation))
        return STR_NULL;
    cbor_item_t *map = cbor_load((const unsigned char *)attestation.p, attestation.len, &loaded);
    struct str found = STR_NULL;
    size_t pairs = map && cbor_isa_map(map) ? cbor_map_size(map) : 0;
    for (size_t i = 0; i < pairs; i++) {
        struct cbor_pair pair = cbor_map_handle(map)[i];
        if (is_text(pair.key, "authData") && cbor_isa_bytestring(pair.value) &&
            cbor_bytestring_is_definite(pair.value))
            found = str_dup(
                a, str_n(cbor_bytestring_handle(pair.value), cbor_bytestring_length(pair.value)));
    }
    if (map)
        cbor_decref(&map);
    return found;
}

static bool read_key(struct arena *a, struct str data, int algorithm, struct webauthn_key *out)
{
    fido_cred_t *made = fido_cred_new();
    bool good =
        made && fido_cred_set_type(made, algorithm) == FIDO_OK &&
        fido_cred_set_authdata_raw(made, (const unsigned char *)data.p, data.len) == FIDO_OK &&
        fido_cred_id_len(made) > 0 && fido_cred_id_len(made) <= WEBAUTHN_ID_MAX &&
        fido_cred_pubkey_len(made) > 0;
    if (good)
        *out = (struct webauthn_key){.algorithm = algorithm,
            .id = str_dup(a, str_n(fido_cred_id_ptr(made), fido_cred_id_len(made))),
            .public_key = str_dup(a, str_n(fido_cred_pubkey_ptr(made), fido_cred_pubkey_len(made))),
            .counter = counter_of(data)};
    fido_cred_free(&made);
    return good;
}

// The key in the library's form; NULL when it is none, a point off the curve for instance.
static void *open_key(const struct webauthn_key *key)
{
    const void *p = key->public_key.p;
    size_t len = key->public_key.len;
    int result = FIDO_ERR_INTERNAL;
    void *opened = NULL;
    switch (key->algorithm) {
    case WEBAUTHN_ES256:
        if ((opened = es256_pk_new()))
            result = es256_pk_from_ptr(opened, p, len);
        break;
    case WEBAUTHN_EDDSA:
        if ((opened = eddsa_pk_new()))
            result = eddsa_pk_from_ptr(opened, p, len);
        break;
    case WEBAUTHN_RS256:
        if ((opened = rs256_pk_new()))
            result = rs256_pk_from_ptr(opened, p, len);
        break;
    }
    if (result == FIDO_OK)
        return opened;
    free(opened);
    return NULL;
}

enum webauthn_result webauthn_made(struct arena *a, const struct webauthn_site *site,
    struct str attestation, struct webauthn_key *out)
{
    static const int offered[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256};
    struct str data = data_of(a, attestation);
    if (!data.p)
        return WEBAUTHN_MALFORMED;
    enum webauthn_result head = check_head(site, data);
    if (head != WEBAUTHN_GOOD)
        return head;
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        if (!read_key(a, data, offered[i], out))
            continue;
        void *key = open_key(out);
        free(key);
        return key ? WEBAUTHN_GOOD : WEBAUTHN_FOREIGN_KEY;
    }
    return WEBAUTHN_FOREIGN_KEY;
}

static bool is_signed(const struct webauthn_site *site, const struct webauthn_key *key,
    const struct webauthn_answer *answer)
{
    char host[256];
    if (site->host.len >= sizeof host)
        return false;
    memcpy(host, site->host.p, site->host.len);
    host[site->host.len] = '\0';
    const unsigned char *client = (const unsigned char *)answer->client_data.p;
    const unsigned char *data = (const unsigned char *)answer->authenticator_data.p;
    const unsigned char *signature = (const unsigned char *)answer->signature.p;
    void *opened = open_key(key);
    fido_assert_t *f = fido_assert_new();
    bool good =
        opened && f && fido_assert_set_rp(f, host) == FIDO_OK &&
        fido_assert_set_clientdata(f, client, answer->client_data.len) == FIDO_OK &&
        fido_assert_set_count(f, 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(f, 0, data, answer->authenticator_data.len) == FIDO_OK &&
        fido_assert_set_sig(f, 0, signature, answer->signature.len) == FIDO_OK &&
        fido_assert_set_up(f, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(f, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_verify(f, 0, key->algorithm, opened) == FIDO_OK;
    fido_assert_free(&f);
    free(opened);
    return good;
}

enum webauthn_result webauthn_verify(const struct webauthn_site *site,
    const struct webauthn_key *key, const struct webauthn_answer *answer, int64_t *counter)
{
    enum webauthn_result head = check_head(site, answer->authenticator_data);
    if (head != WEBAUTHN_GOOD)
        return head;
    if (!is_signed(site, key, answer))
        return WEBAUTHN_FORGED;
    *counter = counter_of(answer->authenticator_data);
    return WEBAUTHN_GOOD;
}
