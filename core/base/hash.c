#include "base/hash.h"

#include <sodium.h>

#include "base/check.h"

uint64_t hash_bytes(struct str s)
{
    static unsigned char key[crypto_shorthash_KEYBYTES];
    static bool ready;
    if (!ready) {
        check(sodium_init() >= 0);
        randombytes_buf(key, sizeof key);
        ready = true;
    }
    uint64_t h;
    crypto_shorthash((unsigned char *)&h, (const unsigned char *)s.p, s.len, key);
    return h;
}

struct sha256 hash_sha256(struct str s)
{
    struct sha256 h;
    crypto_hash_sha256(h.bytes, (const unsigned char *)s.p, s.len);
    return h;
}

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct hash_stream), "no room");

void hash_begin(struct hash_stream *h)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)h);
}

void hash_add(struct hash_stream *h, struct str piece)
{
    crypto_hash_sha256_update(
        (crypto_hash_sha256_state *)h, (const unsigned char *)piece.p, piece.len);
}

struct sha256 hash_end(struct hash_stream *h)
{
    struct sha256 digest;
    crypto_hash_sha256_final((crypto_hash_sha256_state *)h, digest.bytes);
    return digest;
}

struct sha256 hash_hmac_sha256(struct str key, struct str message)
{
    struct sha256 h;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)message.p, message.len);
    crypto_auth_hmacsha256_final(&state, h.bytes);
    return h;
}
