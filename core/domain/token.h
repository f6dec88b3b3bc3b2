// Tokens of programs that work at a site: a name, scopes, an end, and whoever of the staff made it,
// whose rights it never exceeds. The secret is shown once and kept as a hash. It begins with vt_,
// so that people and scanners recognise it, and ends in check digits, so that what is mistyped or
// invented is refused without a look into the database. From fibers; texts live in the arena.
#pragma once

#include "domain/feature.h"

enum { TOKEN_NAME_MAX = 60, TOKENS_MAX = 50, TOKEN_DAYS_MAX = 365 };

enum token_result {
    TOKEN_DONE,
    TOKEN_UNKNOWN,     // no such token here, it was revoked, or its end has come
    TOKEN_TOO_MANY,    // the site has TOKENS_MAX
    TOKEN_UNAVAILABLE, // the database
};

struct token {
    int64_t id;
    struct str name, scopes; // "orders_read schedule_read"
    int64_t staff;
    struct str staff_name, staff_email, role; // of whoever made it, as of now
    int64_t expires_us;
};

// Whether it can be one of ours at all.
bool token_is_well_formed(struct str secret);
// Notes once in a while that it was used.
enum token_result token_load(
    struct arena *a, const struct site *site, struct str secret, struct token *out);

struct token_wish {
    struct str name, scopes;
    int days;
};
struct token_made {
    int64_t id, expires_us;
    struct str secret;
};
enum token_result token_make(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct token_wish *wish, struct token_made *out);
enum token_result token_revoke(
    struct arena *a, const struct site *site, const struct feature_actor *actor, int64_t id);
