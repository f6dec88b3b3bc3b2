#include "account.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/id.h"

enum { SECRET_LEN_MIN = 32, SECRET_LEN_MAX = 200, KEY_LEN = 32 };

static char secret_text[SECRET_LEN_MAX];
static struct str secret;

bool account_secret_load(struct arena *a, struct str path)
{
    struct str text;
    if (!file_exists(path)) {
        struct str fresh = str_join(a, id_token(a), id_token(a), STR("\n"), STR_NULL);
        if (!file_write(path, fresh, 0600))
            return false;
    }
    if (!file_read(a, path, SECRET_LEN_MAX, &text))
        return false;
    text = str_trim(text);
    if (text.len < SECRET_LEN_MIN)
        return false;
    memcpy(secret_text, text.p, text.len);
    secret = str_n(secret_text, text.len);
    return true;
}

static struct str derive(struct arena *a, struct str purpose, struct str account)
{
    struct sha256 mac = hash_hmac_sha256(secret, str_join(a, purpose, account, STR_NULL));
    return str_hex(a, mac.bytes, KEY_LEN / 2);
}

static struct str bearer(struct str authorization)
{
    struct str scheme = STR("Bearer ");
    return str_starts(authorization, scheme) ? str_sub(authorization, scheme.len, authorization.len)
                                             : STR("");
}

struct str account_of_key(struct arena *a, struct str authorization)
{
    struct str key = bearer(authorization), start = STR("sk_sandbox_");
    if (!str_starts(key, start) || key.len < start.len + 1 + KEY_LEN + 1 ||
        key.len > start.len + ACCOUNT_NAME_MAX + 1 + KEY_LEN)
        return STR_NULL;
    struct str account = str_sub(key, start.len, key.len - KEY_LEN - 1);
    struct str wanted =
        str_join(a, start, account, STR("_"), derive(a, STR("api/"), account), STR_NULL);
    return id_same_secret(key, wanted) ? account : STR_NULL;
}

struct str account_notify_secret(struct arena *a, struct str account)
{
    return derive(a, STR("notify/"), account);
}

bool account_is_installation(struct str authorization)
{
    return id_same_secret(bearer(authorization), secret);
}
