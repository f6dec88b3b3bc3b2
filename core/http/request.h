// One HTTP request on its way through: what came in, what is known of it, and the answer. It lives
// in the arena of the fiber that runs it; the client may leave at any time without it noticing. A
// handler starts with valid input (the route's form has been checked, the permission too) and ends
// with one respond_… call.
#pragma once

#include "base/value.h"
#include "domain/site.h"
#include "http/format.h"
#include "http/message.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

// Which part of the product an address belongs to.
enum surface { SURFACE_PLATFORM, SURFACE_CONSOLE, SURFACE_STOREFRONT, SURFACE_OFFICE, SURFACES };

struct http_header {
    struct str name, value; // names in lower case
};

enum { HTTP_HEADERS_MAX = 16, ROUTE_PARAMS_MAX = 4 };

struct response {
    int status;
    struct str type; // Content-Type
    struct str body;
    struct http_header headers[HTTP_HEADERS_MAX];
    int header_count;
    // A page that everybody may see, with these bytes: gets an ETag and may be kept.
    bool shareable;
    // A stranger's first form that takes something stands on it: its reader gets a visit's token.
    bool begins_visit;
};

// What comes before anything else of a session: until then it has no role.
enum session_due { SESSION_DUE_NOTHING, SESSION_DUE_CODE, SESSION_DUE_FACTOR };

struct session {
    int64_t id;       // 0: none
    struct str token; // as in the cookie
    int64_t person;   // staff, operator or customer; 0: a guest
    struct str name, email, role;
    bool kept;            // a customer's that outlives the browser
    int64_t proven_us;    // when the customer last showed who it is; 0: by a password at login
    enum session_due due; // of staff: the second factor's code, or setting one up
    // Of support in a site's back office: until when, and how far that can be moved; 0: no support.
    int64_t support_until_us, support_last_us;
};

// Of a program that brought a token in place of a session; 0: none.
struct request_token {
    int64_t id;
    uint64_t scopes; // a bit for each permission
};

struct request {
    struct arena *arena;
    enum http_method method;
    struct str method_name;
    struct str authority; // Host, lower case, without a port
    struct str port;      // ":8080" or empty
    struct str raw_path;  // with the query, as sent
    struct str path;      // decoded, without language prefix and query; starts with /
    struct str query;
    struct str body, content_type;
    struct str cookie, accept, origin, fetch_site, if_none_match, idempotency_key, accept_language;
    struct str authorization;
    struct str signature; // a provider's signature of a notification
    struct str remote;    // the client's address
    struct str agent;     // what the client calls itself
    bool secure, http2, from_htmx, accepts_gzip;
    bool wants_json, sent_json, body_too_large;
    bool support_over; // its cookie is that of a visit that has ended

    struct str id; // in logs and on error pages
    enum surface surface;
    struct site *site;   // NULL on the platform and the console
    struct site *about;  // that a page of the console is about; held until the answer is there
    struct str language; // of the answer
    bool language_prefixed;
    struct catalogue *words;
    struct format *format;
    const struct route *route;
    struct str params[ROUTE_PARAMS_MAX]; // of {…} in the route's path, in order
    struct session session;
    struct request_token token;

    struct value *form;   // checked fields only; also a GET's query fields
    struct value *errors; // [{field, code, text}] once something was refused
    struct value *typed;  // {field: {value, error}} to show again

    void *common; // what every page of the surface shows, once it was read (page_on_view)

    // A look that is only tried: its style sheet instead of the site's, and our own pages may frame
    // the answer.
    struct str preview_css;

    // Where this page's forms may lead besides ourselves: a payment provider's origin.
    struct str forms_lead_to;
    struct response response;
    struct stream *stream; // of an answer that was sent piece by piece (stream.h); else NULL
};

// Who acts, as the audit calls it: "staff", "token", "support" or "operator".
struct str request_actor_kind(const struct request *r);

// The site that its times, amounts and words belong to.
static inline const struct site *request_site(const struct request *r)
{
    return r->about ? r->about : r->site;
}

// The request that the running fiber serves; NULL in a job.
struct request *request_of_fiber(void);

// "/fr/offers" for "/offers" when the answer's language isn't the site's first.
struct str request_url(const struct request *r, struct str path);
// The query's declared fields in the route's order, without what was refused, as they go into an
// address: "?a=1&b=2" or empty.
struct str request_query(const struct request *r);
// With scheme and host, for mails and providers.
struct str request_absolute_url(const struct request *r, struct str path);
// The first header cookie of that name, or absent.
struct str request_cookie(const struct request *r, struct str name);
