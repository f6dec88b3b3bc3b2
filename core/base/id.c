#include "base/id.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

// 32 characters, so five random bits each.
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

// Every page needs a few random bytes, and asking the kernel for each costs as much as rendering a
// small one: they are drawn in advance, wiped when given out, and never shared with a forked child.
static _Thread_local struct {
    unsigned char bytes[1024];
    size_t left;
} drawn;

static void forget_drawn(void)
{
    drawn.left = 0;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_drawn);
}

static void random_bytes(void *out, size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (len > sizeof drawn.bytes / 4) {
        randombytes_buf(out, len);
        return;
    }
    if (drawn.left < len) {
        pthread_once(&once, watch_forks);
        randombytes_buf(drawn.bytes, sizeof drawn.bytes);
        drawn.left = sizeof drawn.bytes;
    }
    drawn.left -= len;
    memcpy(out, drawn.bytes + drawn.left, len);
    sodium_memzero(drawn.bytes + drawn.left, len);
}

void (*id_random_bytes)(void *out, size_t len) = random_bytes;

int64_t id_number(void)
{
    static uint32_t counter;
    static bool started;
    if (!started)
        randombytes_buf(&counter, sizeof counter);
    started = true;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t ms = t.tv_sec * 1000LL + t.tv_nsec / 1000000 - 1704067200000LL;
    return ms << 20 | (counter++ & 0xFFFFF);
}

struct str id_code(struct arena *a)
{
    unsigned char random[ID_CODE_LEN];
    char *code = arena_alloc(a, ID_CODE_LEN + 1);
    id_random_bytes(random, sizeof random);
    for (int i = 0; i < ID_CODE_LEN; i++)
        code[i] = alphabet[random[i] & 31];
    code[ID_CODE_LEN] = 0;
    return str_n(code, ID_CODE_LEN);
}

struct str id_code_normal(struct arena *a, struct str typed)
{
    char *code = arena_alloc(a, ID_CODE_LEN + 1);
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-')
            continue;
        if (c >= 'a' && c <= 'z')
            c -= 32;
        if (len == ID_CODE_LEN || !c || !strchr(alphabet, c))
            return STR_NULL;
        code[len++] = c;
    }
    code[len] = 0;
    return len == ID_CODE_LEN ? str_n(code, len) : STR_NULL;
}

struct str id_base64url(struct arena *a, const void *bytes, size_t len)
{
    size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *p = arena_alloc(a, room);
    sodium_bin2base64(p, room, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_of(p);
}

struct str id_base64_decode(struct arena *a, struct str text)
{
    unsigned char *out = arena_alloc(a, text.len + 1);
    char *normal = arena_alloc(a, text.len + 1);
    size_t len = 0, used = 0;
    while (text.len && text.p[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++)
        normal[i] = text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i];
    const char *end = normal;
    if (sodium_base642bin(out, text.len + 1, normal, text.len, NULL, &len, &end,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STR_NULL;
    used = (size_t)(end - normal);
    return used == text.len ? str_n(out, len) : STR_NULL;
}

struct str id_token(struct arena *a)
{
    unsigned char random[16];
    id_random_bytes(random, sizeof random);
    return id_base64url(a, random, sizeof random);
}

bool id_same_secret(struct str a, struct str b)
{
    return a.len == b.len && sodium_memcmp(a.p, b.p, a.len) == 0;
}

bool id_is_row_number(struct str s)
{
    bool is = s.len > 0 && s.len < 19;
    for (size_t i = 0; is && i < s.len; i++)
        is = s.p[i] >= '0' && s.p[i] <= '9';
    return is;
}
