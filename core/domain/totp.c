#include "domain/totp.h"

#include <mbedtls/md.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/id.h"

struct str totp_secret(struct arena *a)
{
    char *bytes = arena_new_array(a, char, TOTP_SECRET_LEN);
    id_random_bytes(bytes, TOTP_SECRET_LEN);
    return str_n(bytes, TOTP_SECRET_LEN);
}

// RFC 4226, 5.3.
uint32_t totp_code(struct str secret, int64_t step)
{
    unsigned char counter[8], mac[20];
    for (int i = 0; i < 8; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    check(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1),
              (const unsigned char *)secret.p, secret.len, counter, sizeof counter, mac) == 0);
    const unsigned char *at = mac + (mac[19] & 15);
    uint32_t number =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return number % 1000000;
}

// People type "123 456".
static bool digits_of(struct str typed, char out[TOTP_DIGITS])
{
    int count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.p[i] == ' ' || typed.p[i] == '-')
            continue;
        if (typed.p[i] < '0' || typed.p[i] > '9' || count == TOTP_DIGITS)
            return false;
        out[count++] = typed.p[i];
    }
    return count == TOTP_DIGITS;
}

int64_t totp_find_step(struct str secret, struct str typed, int64_t now_us, int64_t last_step)
{
    char have[TOTP_DIGITS], want[TOTP_DIGITS];
    int64_t now = now_us / 1000000 / TOTP_STEP_S, found = 0;
    if (!digits_of(typed, have))
        return 0;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        str_put_digits(want, totp_code(secret, step), TOTP_DIGITS);
        if (step > last_step && id_same_secret(str_n(have, TOTP_DIGITS), str_n(want, TOTP_DIGITS)))
            found = step;
    }
    return found;
}

struct str totp_base32(struct arena *a, struct str bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct buf b;
    uint32_t bits = 0;
    int count = 0;
    buf_init(&b, a, 2 * bytes.len + 8);
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (unsigned char)bytes.p[i];
        for (count += 8; count >= 5; count -= 5)
            buf_add_char(&b, letters[bits >> (count - 5) & 31]);
    }
    if (count)
        buf_add_char(&b, letters[bits << (5 - count) & 31]);
    return buf_str(&b);
}

struct str totp_uri(struct arena *a, struct str issuer, struct str account, struct str secret)
{
    struct buf b;
    buf_init(&b, a, 1024);
    buf_add(&b, STR("otpauth://totp/"));
    buf_add_url(&b, str_utf8_clip(issuer, 60));
    buf_add_char(&b, ':');
    buf_add_url(&b, account);
    buf_add(&b, STR("?secret="));
    buf_add(&b, totp_base32(a, secret));
    buf_add(&b, STR("&issuer="));
    buf_add_url(&b, str_utf8_clip(issuer, 60));
    return buf_str(&b);
}
