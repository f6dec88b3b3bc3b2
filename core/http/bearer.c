#include "http/bearer.h"

#include "base/clock.h"
#include "base/log.h"
#include "domain/token.h"
#include "http/respond.h"
#include "http/route.h"
#include "io/redis.h"

// A till with a queue before it asks a few times a second; a loop that went wild asks more.
enum { WINDOW_S = 60, REQUESTS_MAX = 600 };

static const char scheme[] = "bearer ";

bool bearer_is(const struct request *r)
{
    return r->authorization.len >= strlen(scheme) &&
           str_ieq(str_sub(r->authorization, 0, strlen(scheme)), str_of(scheme));
}

static void challenge(struct request *r, const char *error, struct str scope)
{
    struct str realm = r->site ? r->site->slug : STR("vitrine");
    struct str text = str_join(r->arena, STR("Bearer realm=\""), realm, STR("\", error=\""),
        str_of(error), STR("\""), STR_NULL);
    if (scope.len)
        text = str_join(r->arena, text, STR(", scope=\""), scope, STR("\""), STR_NULL);
    respond_header(r, "www-authenticate", text);
}

static bool refuse(struct request *r)
{
    challenge(r, "invalid_token", STR_NULL);
    respond_problem_code(r, PROBLEM_UNAUTHORIZED, "invalid_token");
    return false;
}

// RateLimit fields for HTTP (draft-ietf-httpapi-ratelimit-headers): what is allowed, what is left.
static void say_left(struct request *r, int64_t left, int64_t wait_s)
{
    respond_header(
        r, "ratelimit-policy", str_format(r->arena, "\"token\";q=%d;w=%d", REQUESTS_MAX, WINDOW_S));
    respond_header(r, "ratelimit",
        str_format(r->arena, "\"token\";r=%lld;t=%lld", (long long)left, (long long)wait_s));
}

// Counted where all workers and nodes see it. Losing that costs the limit, not the requests.
static bool count(struct request *r)
{
    int64_t now_s = clock_now_us() / 1000000, used;
    struct str key = str_format(
        r->arena, "token:%lld:%lld", (long long)r->token.id, (long long)(now_s / WINDOW_S));
    int64_t wait_s = WINDOW_S - now_s % WINDOW_S;
    if (redis_count(key, 1, WINDOW_S * 1000, &used) != REDIS_DONE)
        return true;
    say_left(r, used < REQUESTS_MAX ? REQUESTS_MAX - used : 0, wait_s);
    if (used <= REQUESTS_MAX)
        return true;
    respond_retry_after(r, wait_s);
    respond_problem(r, PROBLEM_TOO_MANY);
    return false;
}

static uint64_t scopes_of(struct str names)
{
    uint64_t scopes = 0;
    while (names.len) {
        enum permission permission = permission_find(str_cut(&names, ' '));
        if (permission != PERMISSION_COUNT && permission_is_scope(permission))
            scopes |= UINT64_C(1) << permission;
    }
    return scopes;
}

bool bearer_admit(struct request *r)
{
    struct token t;
    struct str secret = str_trim(str_sub(r->authorization, strlen(scheme), r->authorization.len));
    enum token_result result = r->site ? token_load(r->arena, r->site, secret, &t) : TOKEN_UNKNOWN;
    if (result == TOKEN_UNAVAILABLE) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    if (result != TOKEN_DONE)
        return refuse(r);
    r->token = (struct request_token){.id = t.id, .scopes = scopes_of(t.scopes)};
    r->session = (struct session){
        .id = t.id, .person = t.staff, .name = t.name, .email = t.staff_email, .role = t.role};
    return count(r);
}

bool bearer_may(struct request *r)
{
    enum permission wanted = r->route->permission;
    if (wanted == PERMIT_PUBLIC && r->method == HTTP_GET && r->surface == SURFACE_STOREFRONT)
        return true;
    // Logging in and having a basket are for people with a browser.
    if (wanted == PERMIT_PUBLIC || !permission_is_scope(wanted)) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "not_for_tokens");
        return false;
    }
    if ((r->token.scopes >> wanted & 1) && role_has(role_of(r->session.role), wanted))
        return true;
    challenge(r, "insufficient_scope", str_lower(r->arena, permission_name(wanted)));
    respond_problem_code(r, PROBLEM_FORBIDDEN, "scope_missing");
    return false;
}
