#include "data/seal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/platform_util.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/id.h"

enum { KEY_LEN = 32, ID_LEN = 4, NONCE_LEN = 12, TAG_LEN = 16, FILE_MAX = 8192 };
enum { FRAME_LEN = ID_LEN + NONCE_LEN + TAG_LEN };

struct seal_key {
    unsigned char id[ID_LEN];
    unsigned char bytes[KEY_LEN];
};

static struct seal_key keys[SEAL_KEYS_MAX]; // oldest first
static int key_count;

bool seal_ready(void)
{
    return key_count > 0;
}

static const struct seal_key *newest(void)
{
    check(key_count > 0);
    return &keys[key_count - 1];
}

// Why the file isn't one to keep secrets in; absent when it is.
static struct str fault_of(struct arena *a, struct str path)
{
    struct stat st;
    if (lstat(path.p, &st) != 0)
        return str_format(a, "%s: %s", path.p, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return str_format(a, "%s is not a plain file", path.p);
    if (st.st_mode & 077)
        return str_format(a, "%s may be read or written by others: chmod 600 it", path.p);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return str_format(a, "%s belongs to another user", path.p);
    return STR_NULL;
}

// "<8 hex digits of its id> <base64url of 32 bytes>"
static bool parse_line(struct arena *a, struct str line, struct seal_key *key)
{
    struct str id = str_cut(&line, ' ');
    if (id.len != 2 * ID_LEN || !line.p)
        return false;
    for (int i = 0; i < ID_LEN; i++) {
        unsigned byte;
        char digits[3] = {id.p[2 * i], id.p[2 * i + 1], 0};
        if (strspn(digits, "0123456789abcdef") != 2 || sscanf(digits, "%x", &byte) != 1)
            return false;
        key->id[i] = (unsigned char)byte;
    }
    struct str bytes = id_base64_decode(a, str_trim(line));
    if (bytes.len != KEY_LEN)
        return false;
    memcpy(key->bytes, bytes.p, KEY_LEN);
    return true;
}

static bool read_keys(struct arena *a, struct str path, struct str *why)
{
    struct seal_key found[SEAL_KEYS_MAX];
    struct str text;
    int count = 0, line_number = 0;
    *why = fault_of(a, path);
    if (why->p)
        return false;
    *why = str_format(a, "%s can't be read or is too long", path.p);
    if (!file_read(a, path, FILE_MAX, &text))
        return false;
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        line_number++;
        if (!line.len || line.p[0] == '#')
            continue;
        *why = str_format(a, "%s:%d is not a key, or one too many", path.p, line_number);
        if (count == SEAL_KEYS_MAX || !parse_line(a, line, &found[count]))
            return false;
        count++;
    }
    *why = str_format(a, "%s holds no key", path.p);
    if (!count)
        return false;
    memcpy(keys, found, sizeof keys);
    key_count = count;
    mbedtls_platform_zeroize(found, sizeof found);
    *why = STR_NULL;
    return true;
}

int seal_key_names(struct arena *a, struct str text, struct str names[SEAL_KEYS_MAX])
{
    int count = 0;
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        struct seal_key key;
        if (!line.len || line.p[0] == '#')
            continue;
        if (count == SEAL_KEYS_MAX || !parse_line(a, line, &key))
            return 0;
        mbedtls_platform_zeroize(&key, sizeof key);
        names[count++] = str_dup(a, str_cut(&line, ' '));
    }
    return count;
}

static void add_key_line(struct arena *a, struct buf *b)
{
    struct seal_key key;
    id_random_bytes(&key, sizeof key);
    buf_add(b, str_hex(a, key.id, ID_LEN));
    buf_add_char(b, ' ');
    buf_add(b, id_base64url(a, key.bytes, KEY_LEN));
    buf_add_char(b, '\n');
    mbedtls_platform_zeroize(&key, sizeof key);
}

// Of two processes that make the file at once, link() lets one win; both read that one's.
static bool make_file(struct arena *a, struct str path)
{
    struct buf b;
    buf_init(&b, a, FILE_MAX);
    buf_add(
        &b, STR("# Keys that seal this installation's secrets, newest last. Back them up apart\n"
                "# from the database, and keep old ones: what they sealed needs them.\n"));
    add_key_line(a, &b);
    struct str beside = str_format(a, "%s.%d.first", path.p, getpid());
    bool ok =
        file_write(beside, buf_str(&b), 0600) && (link(beside.p, path.p) == 0 || errno == EEXIST);
    unlink(beside.p);
    return ok;
}

bool seal_init(struct arena *a, struct str path, struct str *why)
{
    path = str_dup(a, path);
    if (access(path.p, F_OK) != 0 && errno == ENOENT && !make_file(a, path)) {
        *why = str_format(a, "%s can't be made: %s", path.p, strerror(errno));
        return false;
    }
    return read_keys(a, path, why);
}

bool seal_rotate(struct arena *a, struct str path, struct str *why)
{
    path = str_dup(a, path);
    if (!seal_init(a, path, why))
        return false;
    *why = str_format(a, "%s holds %d keys, which is the most there may be", path.p, key_count);
    if (key_count == SEAL_KEYS_MAX)
        return false;
    struct str text;
    struct buf b;
    buf_init(&b, a, FILE_MAX);
    *why = str_format(a, "%s can't be written", path.p);
    if (!file_read(a, path, FILE_MAX, &text))
        return false;
    buf_add(&b, text);
    if (text.len && text.p[text.len - 1] != '\n')
        buf_add_char(&b, '\n');
    add_key_line(a, &b);
    return !b.full && file_write(path, buf_str(&b), 0600) && read_keys(a, path, why);
}

// Keys of different uses and purposes tell nothing of each other.
static void derive(
    const struct seal_key *key, const char *use, struct str purpose, unsigned char out[KEY_LEN])
{
    unsigned char info[128];
    size_t use_len = strlen(use) + 1; // with its zero, so "ab"+"c" isn't "a"+"bc"
    check(use_len + purpose.len <= sizeof info);
    memcpy(info, use, use_len);
    memcpy(info + use_len, purpose.p, purpose.len);
    static const unsigned char salt[] = "vitrine";
    check(mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), salt, sizeof salt - 1,
              key->bytes, KEY_LEN, info, use_len + purpose.len, out, KEY_LEN) == 0);
}

static void bind_site(int64_t tenant, unsigned char out[8])
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)tenant >> (56 - 8 * i));
}

static void start_gcm(mbedtls_gcm_context *gcm, const struct seal_key *key, struct str purpose)
{
    unsigned char derived[KEY_LEN];
    derive(key, "seal", purpose, derived);
    mbedtls_gcm_init(gcm);
    check(mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, derived, KEY_LEN * 8) == 0);
    mbedtls_platform_zeroize(derived, sizeof derived);
}

// Key id, nonce, tag, text.
struct str seal_close(struct arena *a, int64_t tenant, struct str purpose, struct str secret)
{
    const struct seal_key *key = newest();
    unsigned char *frame = arena_alloc(a, FRAME_LEN + secret.len), site[8];
    unsigned char *nonce = frame + ID_LEN, *tag = nonce + NONCE_LEN;
    memcpy(frame, key->id, ID_LEN);
    id_random_bytes(nonce, NONCE_LEN);
    bind_site(tenant, site);
    mbedtls_gcm_context gcm;
    start_gcm(&gcm, key, purpose);
    check(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, secret.len, nonce, NONCE_LEN, site,
              sizeof site, (const unsigned char *)secret.p, frame + FRAME_LEN, TAG_LEN, tag) == 0);
    mbedtls_gcm_free(&gcm);
    return id_base64url(a, frame, FRAME_LEN + secret.len);
}

static const struct seal_key *key_of(struct str frame)
{
    for (int i = 0; i < key_count && frame.len >= FRAME_LEN; i++)
        if (memcmp(keys[i].id, frame.p, ID_LEN) == 0)
            return &keys[i];
    return NULL;
}

struct str seal_open(struct arena *a, int64_t tenant, struct str purpose, struct str sealed)
{
    struct str frame = id_base64_decode(a, sealed);
    const struct seal_key *key = key_of(frame);
    if (!key)
        return STR_NULL;
    const unsigned char *p = (const unsigned char *)frame.p;
    size_t len = frame.len - FRAME_LEN;
    unsigned char *text = arena_alloc(a, len + 1), site[8];
    bind_site(tenant, site);
    mbedtls_gcm_context gcm;
    start_gcm(&gcm, key, purpose);
    int failed = mbedtls_gcm_auth_decrypt(&gcm, len, p + ID_LEN, NONCE_LEN, site, sizeof site,
        p + ID_LEN + NONCE_LEN, TAG_LEN, p + FRAME_LEN, text);
    mbedtls_gcm_free(&gcm);
    text[len] = 0;
    return failed ? STR_NULL : str_n(text, len);
}

bool seal_is_current(struct arena *a, struct str sealed)
{
    return key_of(id_base64_decode(a, sealed)) == newest();
}

static struct sha256 mac(
    const struct seal_key *key, const char *use, struct str purpose, struct str message)
{
    unsigned char derived[KEY_LEN];
    derive(key, use, purpose, derived);
    struct sha256 h = hash_hmac_sha256(str_n(derived, KEY_LEN), message);
    mbedtls_platform_zeroize(derived, sizeof derived);
    return h;
}

struct str seal_sign(struct arena *a, struct str purpose, struct str message)
{
    struct sha256 h = mac(newest(), "sign", purpose, message);
    return id_base64url(a, h.bytes, 16);
}

bool seal_verify(struct str purpose, struct str message, struct str token)
{
    bool same = false;
    struct arena *a = arena_new();
    for (int i = 0; i < key_count; i++) {
        struct sha256 h = mac(&keys[i], "sign", purpose, message);
        same |= id_same_secret(id_base64url(a, h.bytes, 16), token);
    }
    arena_free(a);
    return same;
}

struct seal_digest seal_digest(struct str purpose, struct str message)
{
    struct seal_digest d;
    struct sha256 h = mac(newest(), "digest", purpose, message);
    memcpy(d.bytes, h.bytes, sizeof d.bytes);
    return d;
}
