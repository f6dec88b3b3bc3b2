// Time-based one-time passwords (RFC 6238 with HMAC-SHA-1, six digits, steps of 30 seconds), as
// authenticator programs make them. Pure computation; whoever checks keeps the last step that was
// taken, so that a code works once.
#pragma once

#include "base/str.h"

enum { TOTP_SECRET_LEN = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30 };

// 160 random bits.
struct str totp_secret(struct arena *a);
// The code of a step (seconds since 1970 / TOTP_STEP_S).
uint32_t totp_code(struct str secret, int64_t step);
// The step whose code this is, the present one or one beside it (clocks differ), but only after
// `last_step`; 0 when it is none of them.
int64_t totp_find_step(struct str secret, struct str typed, int64_t now_us, int64_t last_step);
// RFC 4648 without padding, for typing the secret.
struct str totp_base32(struct arena *a, struct str bytes);
// otpauth://totp/… for the QR code.
struct str totp_uri(struct arena *a, struct str issuer, struct str account, struct str secret);
