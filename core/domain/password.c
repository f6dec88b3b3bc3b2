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

static bool has_few_characters(struct str s)
{
    bool seen[256] = {0};
    int different = 0;
    for (size_t i = 0; i < s.len; i++) {
        different += !seen[(unsigned char)s.p[i]];
        seen[(unsigned char)s.p[i]] = true;
    }
    return different < 5;
}

// "1234567890", "abcdefghij", "9876543210": neighbours follow each other.
static bool is_run(struct str s)
{
    size_t steps = 0;
    for (size_t i = 1; i < s.len; i++)
        steps += s.p[i] - s.p[i - 1] <= 1 && s.p[i] - s.p[i - 1] >= -1;
    return s.len && steps * 4 >= (s.len - 1) * 3;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

// Without digits and signs at both ends.
static struct str core_of(struct str s)
{
    while (s.len && !is_letter(s.p[0]))
        s = str_sub(s, 1, s.len);
    while (s.len && !is_letter(s.p[s.len - 1]))
        s.len--;
    return s;
}

static bool is_common(struct str s)
{
    static const char *const words[] = {"password", "passwort", "passw0rd", "p@ssword",
        "motdepasse", "contraseña", "contrasena", "qwerty", "qwertyuiop", "qwertz", "qwertzuiop",
        "azerty", "azertyuiop", "asdfghjkl", "welcome", "bienvenue", "bienvenido", "letmein",
        "iloveyou", "jetaime", "tequiero", "administrator", "administrador", "changeme", "secret",
        "vitrine", "football", "baseball", "sunshine", "princess", "superman", "whatever",
        "trustno"};
    struct str core = core_of(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(core, words[i]))
            return true;
    return core.len < 3;
}

enum { RELATED_MIN = 4, REST_MIN = 6 };

bool password_is_weak(struct arena *a, struct str password, const struct str *related, size_t count)
{
    struct str s = str_lower(a, password);
    if (has_few_characters(s) || is_run(s) || is_common(s))
        return true;
    for (size_t i = 0; i < count; i++) {
        struct str word = str_lower(a, related[i]);
        if (word.len >= RELATED_MIN && str_find(s, word) >= 0 && s.len - word.len < REST_MIN)
            return true;
    }
    return false;
}
