#include "domain/password.h"

#include <sodium.h>

#include "base/metric.h"
#include "base/text.h"
#include "domain/password_common.h"
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

static bool run(void (*act)(void *arg), struct work *w)
{
    metric_add(METRIC_password_hashes_total, 1);
    return offload(act, w);
}

struct str password_hash(struct arena *a, struct str password)
{
    struct work w = {.password = text_secret(a, password)};
    if (!run(make, &w) || !w.ok)
        return STR_NULL;
    return str_dup(a, str_of(w.out));
}

enum password_result password_check(struct arena *a, struct str hash, struct str password)
{
    struct work w = {.password = text_secret(a, password), .hash = str_dup(a, hash)};
    if (!run(hash.p ? verify : make, &w))
        return PASSWORD_BUSY;
    return hash.p && w.ok ? PASSWORD_RIGHT : PASSWORD_WRONG;
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

// "p4$$w0rd" as it is meant; a 1 stands for an l or an i.
static struct str without_leet(struct arena *a, struct str s, char one)
{
    static const char from[] = "034578@$!|", to[] = "oeastbasil";
    char *out = arena_alloc(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;
        out[i] = s.p[i] == '1' ? one : at ? to[at - from] : s.p[i];
    }
    return str_n(out, s.len);
}

// "hunter2hunter2".
static struct str once(struct str s)
{
    struct str half = str_sub(s, 0, s.len / 2);
    return s.len % 2 == 0 && str_eq(half, str_sub(s, s.len / 2, s.len)) ? half : s;
}

static bool is_known(struct arena *a, struct str s)
{
    return s.len >= RELATED_MIN &&
           (password_is_common(s) || password_is_common(without_leet(a, s, 'l')) ||
               password_is_common(without_leet(a, s, 'i')));
}

// What stands around a known one counts once it is as long as something to guess.
static bool is_leaked(struct arena *a, struct str s)
{
    struct str core = core_of(s), meant = core_of(without_leet(a, s, 'i'));
    if (is_known(a, s) || is_known(a, once(s)))
        return true;
    if (s.len - core.len <= REST_MIN && (is_known(a, core) || is_known(a, once(core))))
        return true;
    return s.len - meant.len <= REST_MIN && is_known(a, meant);
}

enum password_fault password_fault(
    struct arena *a, struct str password, const struct str *related, size_t count)
{
    struct str s = text_fold(a, password);
    if (has_few_characters(s) || is_run(s) || is_common(s))
        return PASSWORD_WEAK;
    for (size_t i = 0; i < count; i++) {
        struct str word = text_fold(a, related[i]);
        if (word.len >= RELATED_MIN && str_find(s, word) >= 0 && s.len - word.len < REST_MIN)
            return PASSWORD_WEAK;
    }
    return is_leaked(a, s) ? PASSWORD_LEAKED : PASSWORD_SOUND;
}
