// What browsers and authenticators answer comes from strangers: whatever the bytes of client data,
// attestation and assertion are, a key that comes out is within its limits and of an algorithm that
// was offered, a challenge was made by this site's page, and nothing verifies under a made-up key.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_site site = {{"https://club.example", 20}, {"club.example", 12}};

// The next piece of the input: two length bytes, then that many bytes.
static struct str take(struct str *rest)
{
    if (rest->len < 2)
        return STR("");
    size_t len = (size_t)(unsigned char)rest->p[0] << 8 | (unsigned char)rest->p[1];
    struct str piece = str_sub(*rest, 2, 2 + len);
    *rest = str_sub(*rest, 2 + len, rest->len);
    return piece;
}

static void check_key(const struct webauthn_key *key)
{
    check(key->algorithm == WEBAUTHN_ES256 || key->algorithm == WEBAUTHN_EDDSA ||
          key->algorithm == WEBAUTHN_RS256);
    check(key->id.len > 0 && key->id.len <= WEBAUTHN_ID_MAX);
    check(key->public_key.len > 0 && key->counter >= 0 && key->counter <= UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct str rest = {(const char *)data, size}, challenge = STR_NULL;
    enum webauthn_act act = size && data[0] & 1 ? WEBAUTHN_GET : WEBAUTHN_CREATE;
    rest = str_sub(rest, size > 0, size);
    struct str attestation = take(&rest);
    struct webauthn_answer answer = {.client_data = take(&rest), .authenticator_data = take(&rest)};
    answer.signature = rest;
    struct webauthn_key key;
    if (webauthn_client(a, &site, act, answer.client_data, &challenge) == WEBAUTHN_GOOD)
        check(challenge.len > 0);
    if (webauthn_made(a, &site, attestation, &key) == WEBAUTHN_GOOD) {
        int64_t counter = 0;
        check_key(&key);
        webauthn_verify(&site, &key, &answer, &counter);
    }
    char zeros[64] = {0};
    struct webauthn_key made_up = {
        .algorithm = WEBAUTHN_ES256, .id = STR("id"), .public_key = {zeros, sizeof zeros}};
    int64_t counter = 0;
    check(webauthn_verify(&site, &made_up, &answer, &counter) != WEBAUTHN_GOOD);
    arena_free(a);
    return 0;
}
