// Hashes: a keyed one for tables whose keys come from outside (SipHash, its key drawn at start),
// and SHA-256 for digests that are stored or compared.
#pragma once

#include "base/str.h"

uint64_t hash_bytes(struct str s);

struct sha256 {
    unsigned char bytes[32];
};

struct sha256 hash_sha256(struct str s);
// The same of bytes that come piece by piece.
struct hash_stream {
    uint64_t state[16];
};
void hash_begin(struct hash_stream *h);
void hash_add(struct hash_stream *h, struct str piece);
struct sha256 hash_end(struct hash_stream *h);
// HMAC-SHA-256 (RFC 2104).
struct sha256 hash_hmac_sha256(struct str key, struct str message);
