#include "http/dispatch.h"

#include "base/check.h"
#include "base/region.h"
#include "data/cache.h"
#include "http/asset_file.h"
#include "http/bearer.h"
#include "http/host.h"
#include "http/page_cache.h"
#include "http/probe.h"
#include "http/replay.h"
#include "http/respond.h"
#include "http/server.h"
#include "http/session.h"
#include "http/urlencoded.h"
#include "io/fiber.h"

static void split_path(struct request *r)
{
    struct str raw = r->raw_path, path = str_cut(&raw, '?');
    r->query = raw.p ? raw : STR("");
    if (!path.len || path.p[0] != '/' || !url_path_decode(r->arena, path, &r->path))
        r->path = STR_NULL;
}

static void speak(struct request *r, struct str language)
{
    r->language = language;
    r->words = messages_language(respond_parts()->messages, language);
    r->format = format_for(language, r->site ? r->site->region : STR_NULL);
}

static bool is_spoken(const struct request *r, struct str language)
{
    if (r->site)
        return site_speaks(r->site, language);
    return messages_has_language(respond_parts()->messages, language);
}

static struct str first_language(const struct request *r)
{
    return r->site ? r->site->languages[0] : STR("en");
}

// Written as we write it: addresses tell capitals apart.
static bool is_prefix(struct str language)
{
    for (size_t i = 0; i < language.len; i++)
        if (language.p[i] < 'a' || language.p[i] > 'z')
            return false;
    return language.len == 2 && messages_has_language(respond_parts()->messages, language);
}

// "/fr/offers" is "/offers" in French; the site's first language has no prefix.
static void take_language(struct request *r)
{
    struct str rest = str_sub(r->path, 1, r->path.len), language = str_cut(&rest, '/');
    speak(r, first_language(r));
    if (!is_prefix(language))
        return;
    // A language that the site gave up: its links, in mails too, lead to the first one.
    if (!is_spoken(r, language)) {
        r->path = rest.p ? str_sub(r->path, 3, r->path.len) : STR("/");
        return;
    }
    r->language_prefixed = true;
    r->path = rest.p ? str_sub(r->path, 3, r->path.len) : STR("/");
    speak(r, language);
}

// The surface of an address; console pages live on the platform's host, the office on the site's.
static bool under(struct str path, const char *folder)
{
    struct str f = str_of(folder);
    return str_starts(path, f) && (path.len == f.len || path.p[f.len] == '/');
}

static void take_surface(struct request *r)
{
    if (r->site)
        r->surface = under(r->path, "/manage") ? SURFACE_OFFICE : SURFACE_STOREFRONT;
    else
        r->surface = under(r->path, "/console") ? SURFACE_CONSOLE : SURFACE_PLATFORM;
}

static bool take_site(struct request *r)
{
    if (host_is_platform(r->authority))
        return true;
    struct str slug = host_slug(r->authority);
    enum site_result found = slug.p ? site_acquire(slug, &r->site) : SITE_UNKNOWN;
    if (found == SITE_FOUND && r->site->state == SITE_CREATING)
        found = SITE_UNKNOWN;
    if (found == SITE_FOUND) {
        fiber_log_context()->site = r->site->slug;
        return true;
    }
    if (found == SITE_UNKNOWN && r->site)
        site_release(r->site);
    r->site = NULL;
    speak(r, STR("en"));
    respond_problem_code(r, found == SITE_UNAVAILABLE ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND,
        found == SITE_UNAVAILABLE ? "unavailable" : "unknown_site");
    return false;
}

static enum session_kind session_kind_of(const struct request *r)
{
    return r->surface == SURFACE_CONSOLE  ? SESSION_OPERATOR
           : r->surface == SURFACE_OFFICE ? SESSION_STAFF
                                          : SESSION_GUEST;
}

// A browser says where a form comes from; what says nothing is no browser and has no cookies of a
// victim (Fetch standard, Sec-Fetch-Site and Origin).
static bool origin_is_ours(const struct request *r)
{
    if (r->fetch_site.len)
        return str_is(r->fetch_site, "same-origin") || str_is(r->fetch_site, "none");
    if (!r->origin.len)
        return true;
    struct str host = str_join(r->arena, r->authority, r->port, STR_NULL);
    return str_ends(r->origin, host) && r->origin.len > host.len &&
           r->origin.p[r->origin.len - host.len - 1] == '/';
}

static bool may_post(struct request *r)
{
    if (r->method == HTTP_GET || (r->route->flags & ROUTE_FOREIGN))
        return true;
    // A token is nothing that a browser sends by itself.
    if (r->token.id)
        return true;
    if (!origin_is_ours(r))
        return false;
    // JSON can't be sent by a form of another site, and origin was checked.
    if (!r->session.id || r->sent_json || r->wants_json)
        return true;
    struct str token = value_get_str(r->form, KEY(csrf));
    if (!token.len && (r->route->flags & ROUTE_ANONYMOUS_FORM))
        return r->fetch_site.len || r->origin.len;
    return session_form_token_fits(r, token);
}

static void ask_to_log_in(struct request *r)
{
    const char *page = r->surface == SURFACE_CONSOLE      ? "/console/login"
                       : r->surface == SURFACE_STOREFRONT ? "/account/login"
                                                          : "/manage/login";
    if (r->support_over) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "support_over");
        return;
    }
    if (r->wants_json || r->sent_json) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "login_required");
        return;
    }
    struct buf b;
    buf_init(&b, r->arena, 2048);
    buf_add(&b, request_url(r, str_of(page)));
    if (r->method == HTTP_GET) {
        buf_add(&b, STR("?next="));
        buf_add_url(&b, r->path);
        if (r->query.len) {
            buf_add(&b, STR("%3F"));
            buf_add_url(&b, r->query);
        }
    }
    respond_redirect(r, buf_str(&b));
}

// Who gave the password but not yet the second factor goes there first.
static void ask_for_factor(struct request *r)
{
    bool code = r->session.due == SESSION_DUE_CODE;
    if (r->wants_json || r->sent_json)
        respond_problem_code(
            r, PROBLEM_FORBIDDEN, code ? "second_factor_asked" : "second_factor_missing");
    else if (r->surface == SURFACE_CONSOLE)
        respond_redirect(r, request_url(r, STR("/console/login/code")));
    else
        respond_redirect(r,
            request_url(r, code ? STR("/manage/login/code") : STR("/manage/login/second-factor")));
}

static bool is_permitted(struct request *r)
{
    if (r->token.id)
        return bearer_may(r);
    if (role_has(role_of(r->session.role), r->route->permission))
        return true;
    if (r->session.due) {
        ask_for_factor(r);
        return false;
    }
    if (!r->session.id || r->surface == SURFACE_STOREFRONT)
        ask_to_log_in(r);
    else
        respond_problem(r, PROBLEM_FORBIDDEN);
    return false;
}

// JSON with a field that isn't declared is refused whole, before a handler sees the rest.
static bool has_undeclared(const struct request *r)
{
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_is(value_get_str(value_at(r->errors, i), KEY(code)), "undeclared"))
            return true;
    return false;
}

static bool read_fields(struct request *r)
{
    static const struct form no_fields;
    if (r->route->flags & ROUTE_RAW_BODY)
        return true;
    switch (form_read(r, r->route->form ? r->route->form : &no_fields)) {
    case FORM_MALFORMED:
        respond_problem(r, PROBLEM_BAD_REQUEST);
        return false;
    case FORM_FOREIGN:
        respond_problem(r, PROBLEM_FOREIGN_TYPE);
        return false;
    case FORM_REFUSED:
        if (!has_undeclared(r))
            return true;
        respond_problem(r, PROBLEM_INVALID);
        return false;
    case FORM_TOO_LARGE:
        respond_problem(r, PROBLEM_TOO_LARGE);
        return false;
    default:
        return true;
    }
}

static void run_handler(struct request *r)
{
    struct cache_claim *claim = NULL;
    bool everybody = (r->route->flags & ROUTE_CACHED) && r->site && !r->session.id &&
                     r->site->state == SITE_OPEN;
    if (!everybody || !page_cache_answer(r, &claim)) {
        r->response.shareable = everybody;
        r->route->handle(r);
        page_cache_keep(r, claim);
    }
    if (r->response.begins_visit)
        session_begin_visit(r);
}

// Who asks: a program with a token, or the session of a cookie. Machines that post need neither.
static bool identify(struct request *r)
{
    if (r->route->flags & ROUTE_FOREIGN)
        return true;
    if (bearer_is(r))
        return bearer_admit(r);
    if (session_load(r, session_kind_of(r)))
        return true;
    respond_problem(r, PROBLEM_UNAVAILABLE);
    return false;
}

// Behind a login an address that asks for nonsense isn't taken for one that asks for nothing; what
// is only missing is the page's own matter, and so is everything on a page of a plugin.
static bool asks_nonsense(const struct request *r)
{
    if (r->method != HTTP_GET || r->route->permission == PERMIT_PUBLIC ||
        (r->route->flags & ROUTE_REFUSES) || str_starts(r->path, STR("/manage/x/")) ||
        (r->surface != SURFACE_OFFICE && r->surface != SURFACE_CONSOLE))
        return false;
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_is(value_get_str(value_at(r->errors, i), KEY(code)), "required"))
            return false;
    return form_refused(r);
}

static void serve_route(struct request *r)
{
    if ((r->route->flags & ROUTE_LOGIN) && r->site->login == SITE_LOGIN_NONE) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (!identify(r) || !is_permitted(r) || !read_fields(r))
        return;
    if (!may_post(r)) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "foreign_form");
        return;
    }
    if (asks_nonsense(r)) {
        respond_refused_query(r);
        return;
    }
    if (!replay_begin(r))
        return;
    run_handler(r);
    replay_end(r);
}

static bool is_open(struct request *r)
{
    if (!r->site || r->site->state == SITE_OPEN || r->surface == SURFACE_OFFICE ||
        (r->route && (r->route->flags & ROUTE_CLOSED_TOO)))
        return true;
    bool for_good = r->site->state == SITE_CLOSED;
    if (!for_good)
        respond_retry_after(r, 3600);
    if (r->wants_json || r->sent_json)
        respond_problem_code(r, for_good ? PROBLEM_GONE : PROBLEM_UNAVAILABLE, "closed");
    else
        respond_page(r, for_good ? 410 : 503, "storefront/closed", page_view(r));
    return false;
}

// The language among ours that the reader asks for first, or absent.
static struct str asked_language(const struct request *r)
{
    static const struct str platform[] = {{"en", 2}, {"fr", 2}, {"es", 2}};
    const struct str *offered = r->site ? r->site->languages : platform;
    size_t count = r->site ? (size_t)r->site->language_count : 3;
    int which = region_language(r->accept_language, offered, count);
    return which < 0 ? STR_NULL : offered[which];
}

// Readers who come from outside to the front door are shown it in their language.
static bool redirect_home(struct request *r)
{
    if (r->method != HTTP_GET || r->language_prefixed || !str_is(r->path, "/") || r->wants_json ||
        !r->accept_language.len || str_is(r->fetch_site, "same-origin"))
        return false;
    struct str wanted = asked_language(r);
    if (!wanted.len || str_eq(wanted, r->language))
        return false;
    respond_header(r, "vary", STR("accept-language"));
    respond_redirect(r, str_join(r->arena, STR("/"), wanted, STR_NULL));
    return true;
}

static void find_route(struct request *r)
{
    struct str allow;
    enum route_result found = route_find(r, &allow);
    if (!is_open(r))
        return;
    if (found == ROUTE_UNKNOWN) {
        // Who works here keeps the frame around the page, with its ways on.
        bool behind_login = r->surface == SURFACE_OFFICE || r->surface == SURFACE_CONSOLE;
        respond_problem(r, behind_login && !session_load(r, session_kind_of(r))
                               ? PROBLEM_UNAVAILABLE
                               : PROBLEM_NOT_FOUND);
    } else if (found == ROUTE_OTHER_METHOD) {
        respond_header(r, "allow", allow);
        respond_problem(r, PROBLEM_OTHER_METHOD);
    } else if (!redirect_home(r)) {
        serve_route(r);
    }
}

// One site's rush leaves room for its neighbours: of a worker's fibers it gets a share.
static void serve_share(struct request *r)
{
    struct site *site = r->site;
    if (!site) {
        find_route(r);
    } else if (site->running >= SITE_RUNNING_MAX) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
    } else {
        site->running++;
        find_route(r);
        site->running--;
    }
}

static void add_cache_rule(struct request *r)
{
    for (int i = 0; i < r->response.header_count; i++)
        if (str_is(r->response.headers[i].name, "cache-control"))
            return;
    respond_header(r, "cache-control", r->session.id ? STR("no-store") : STR("no-cache"));
}

void dispatch(struct request *r)
{
    split_path(r);
    speak(r, STR("en"));
    if (probe_answer(r))
        return;
    if (!take_site(r))
        return;
    if (!r->path.p) {
        r->path = STR("/");
        speak(r, first_language(r));
        respond_problem(r, PROBLEM_BAD_REQUEST);
        return;
    }
    take_language(r);
    take_surface(r);
    if (r->body_too_large)
        respond_problem(r, PROBLEM_TOO_LARGE);
    else
        serve_share(r);
    add_cache_rule(r);
}

struct cached_answer dispatch_find(const struct server_lookup *lookup)
{
    struct cached_answer file = asset_find(respond_parts()->assets, lookup);
    return file.status ? file : page_cache_find(lookup);
}

struct str request_cookie(const struct request *r, struct str name)
{
    for (struct str rest = r->cookie; rest.p;) {
        struct str value = str_trim(str_cut(&rest, ';'));
        if (str_eq(str_cut(&value, '='), name))
            return value.p ? value : STR("");
    }
    return STR_NULL;
}
