#include "data/seal_wrap.h"

#include <sodium.h>

#include "base/check.h"
#include "base/id.h"

enum {
    SALT_LEN = crypto_pwhash_SALTBYTES,
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_LEN = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    HEAD_LEN = SALT_LEN + NONCE_LEN,
};

static bool derive(struct str passphrase, const unsigned char *salt, unsigned char key[KEY_LEN])
{
    check(sodium_init() >= 0);
    return crypto_pwhash(key, KEY_LEN, passphrase.p, passphrase.len, salt,
               crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
               crypto_pwhash_ALG_ARGON2ID13) == 0;
}

// Salt, nonce, text with its tag.
struct str seal_wrap(struct arena *a, struct str passphrase, struct str secret)
{
    unsigned char key[KEY_LEN], *frame = arena_alloc(a, HEAD_LEN + secret.len + TAG_LEN);
    id_random_bytes(frame, HEAD_LEN);
    if (!derive(passphrase, frame, key))
        return STR_NULL;
    crypto_aead_xchacha20poly1305_ietf_encrypt(frame + HEAD_LEN, NULL,
        (const unsigned char *)secret.p, secret.len, frame, SALT_LEN, NULL, frame + SALT_LEN, key);
    sodium_memzero(key, sizeof key);
    return id_base64url(a, frame, HEAD_LEN + secret.len + TAG_LEN);
}

struct str seal_unwrap(struct arena *a, struct str passphrase, struct str wrapped)
{
    unsigned char key[KEY_LEN];
    struct str bytes = id_base64_decode(a, str_trim(wrapped));
    const unsigned char *frame = (const unsigned char *)bytes.p;
    if (bytes.len < HEAD_LEN + TAG_LEN || !derive(passphrase, frame, key))
        return STR_NULL;
    size_t len = bytes.len - HEAD_LEN - TAG_LEN;
    unsigned char *text = arena_alloc(a, len + 1);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        text, NULL, NULL, frame + HEAD_LEN, len + TAG_LEN, frame, SALT_LEN, frame + SALT_LEN, key);
    sodium_memzero(key, sizeof key);
    text[len] = 0;
    return failed ? STR_NULL : str_n(text, len);
}
