#include "domain/password.h"

#include <sodium.h>

#include "io/offload.h"

enum { PASSES = 2, MEMORY = 19 << 20 };

struct work {
    struct str password, hash;
    char out[crypto_pwhash_STRBYTES];
    bool ok;
};

static void make(void *arg)
{
    struct work *w = arg;
    w->ok = crypto_pwhash_str_alg(w->out, w->password.p, w->password.len, PASSES, MEMORY,
                crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void verify(void *arg)
{
    struct work *w = arg;
    w->ok = crypto_pwhash_str_verify(w->hash.p, w->password.p, w->password.len) == 0;
}

struct str password_hash(struct arena *a, struct str password)
{
    struct work w = {.password = password};
    if (!offload(make, &w) || !w.ok)
        return STR_NULL;
    return str_dup(a, str_of(w.out));
}

enum password_result password_check(struct arena *a, struct str hash, struct str password)
{
    struct work w = {.password = password, .hash = str_dup(a, hash)};
    if (password.len > PASSWORD_MAX)
        return PASSWORD_WRONG;
    if (!hash.p) {
        if (!offload(make, &w))
            return PASSWORD_BUSY;
        return PASSWORD_WRONG;
    }
    if (!offload(verify, &w))
        return PASSWORD_BUSY;
    return w.ok ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
