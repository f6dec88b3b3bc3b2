#include "io/transfer.h"

#include <curl/curl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/address.h"
#include "io/fiber.h"
#include "io/transfer_pool.h"

enum {
    CONNECT_MAX_MS = 5000,
    TIMEOUT_MS = 10000,
    RESPONSE_MAX = 1 << 20,
    HEADERS_SIZE_MAX = 32 << 10,
    URL_MAX = 4096,
};

// One transfer; lives on the stack of the fiber that waits for it.
struct call {
    struct transfer_job job;
    struct arena *arena;
    struct curl_slist *lines;
    enum transfer_reach reach;
    bool looks;     // at the addresses only
    bool found;     // looked at one
    bool forbidden; // an address was refused
    bool clip, too_large;
    struct transfer_response *response;
    struct buf body;
    size_t headers_size;
};

// Printable ASCII without space: a URL, a method, a header's name. Nothing that could end a line.
static bool is_plain(struct str s, size_t max)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.len && s.len <= max;
}

static bool is_token(struct str s)
{
    if (!is_plain(s, 64))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (strchr("\"(),/:;<=>?@[\\]{}", s.p[i]))
            return false;
    return true;
}

static bool is_line(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
            return false;
    return s.len <= 8192;
}

// What frames the message is curl's alone.
static bool is_framing(struct str name)
{
    return str_ieq(name, STR("host")) || str_ieq(name, STR("content-length")) ||
           str_ieq(name, STR("transfer-encoding")) || str_ieq(name, STR("connection")) ||
           str_ieq(name, STR("upgrade")) || str_ieq(name, STR("te")) ||
           str_ieq(name, STR("trailer")) || str_ieq(name, STR("expect"));
}

static bool is_web(struct str url)
{
    return str_ieq(str_sub(url, 0, 7), STR("http://")) ||
           str_ieq(str_sub(url, 0, 8), STR("https://"));
}

static bool request_valid(const struct transfer_request *r)
{
    if (!is_plain(r->url, URL_MAX) || !is_web(r->url) || (r->method.p && !is_token(r->method)) ||
        r->header_count > TRANSFER_HEADERS_MAX)
        return false;
    for (size_t i = 0; i < r->header_count; i++)
        if (!is_token(r->headers[i].name) || !is_line(r->headers[i].value) ||
            is_framing(r->headers[i].name))
            return false;
    return true;
}

// Asked of the address itself that is about to be connected, so that a name which leads elsewhere
// the next time it is looked up gains nothing.
static bool may_reach(const struct call *c, const struct sockaddr *address)
{
    switch (c->reach) {
    case REACH_PRIVATE:
        return true;
    case REACH_OWN:
        return address_is_own(address);
    default:
        return address_is_public(address);
    }
}

static curl_socket_t on_open(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct call *c = owner;
    (void)purpose;
    c->found = true;
    if (!may_reach(c, &address->addr)) {
        c->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    if (c->looks)
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *p, size_t one, size_t len, void *owner)
{
    struct call *c = owner;
    (void)one;
    struct str part = str_n(p, len);
    buf_add(&c->body, c->clip ? str_sub(part, 0, c->body.max - c->body.len) : part);
    c->too_large = c->body.full || (c->clip && c->body.len == c->body.max);
    return c->too_large ? 0 : len;
}

static void take_header(struct call *c, struct str line)
{
    struct transfer_response *r = c->response;
    struct str value = line, name = str_cut(&value, ':');
    if (!value.p || !is_token(name) || r->header_count == TRANSFER_HEADERS_MAX)
        return;
    r->headers[r->header_count++] =
        (struct transfer_header){str_dup(c->arena, name), str_dup(c->arena, str_trim(value))};
}

static size_t on_header(char *p, size_t one, size_t len, void *owner)
{
    struct call *c = owner;
    (void)one;
    c->headers_size += len;
    if (c->headers_size > HEADERS_SIZE_MAX) {
        c->too_large = true;
        return 0;
    }
    struct str line = str_n(p, len);
    // An interim answer (100, 103) was followed by another: only the last one counts.
    if (str_starts(line, STR("HTTP/")))
        c->response->header_count = 0;
    else
        take_header(c, line);
    return len;
}

static void set_limits(struct call *c, int64_t timeout_ms)
{
    CURL *easy = c->job.easy;
    int64_t left = fiber_deadline() == INT64_MAX ? timeout_ms : fiber_deadline() - clock_mono_ms();
    c->job.timeout_ms = left < 1 ? 1 : left < timeout_ms ? left : timeout_ms;
    int64_t connect_ms = c->job.timeout_ms < CONNECT_MAX_MS ? c->job.timeout_ms : CONNECT_MAX_MS;
    check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &c->job);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // A look-up that hangs must not hold up the loop when its transfer is given up.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    // Proxies from the environment would make the check of the address worthless.
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)c->job.timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, c);
}

static bool has_header(const struct transfer_request *r, struct str name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (str_ieq(r->headers[i].name, name))
            return true;
    return false;
}

static void add_line(struct call *c, struct str name, struct str value)
{
    // curl's own form for a header without a value.
    struct str line = value.len ? str_join(c->arena, name, STR(": "), value, STR_NULL)
                                : str_join(c->arena, name, STR(";"), STR_NULL);
    c->lines = curl_slist_append(c->lines, line.p);
    check(c->lines);
}

static void set_headers(struct call *c, const struct transfer_request *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        add_line(c, r->headers[i].name, r->headers[i].value);
    // No waiting for a "100 Continue", no guess at the body's type.
    c->lines = curl_slist_append(c->lines, "Expect:");
    if (r->body.p && !has_header(r, STR("content-type")))
        c->lines = curl_slist_append(c->lines, "Content-Type:");
    if (!has_header(r, STR("user-agent")))
        c->lines = curl_slist_append(c->lines, "User-Agent: vitrine");
    curl_easy_setopt(c->job.easy, CURLOPT_HTTPHEADER, c->lines);
}

static void set_request(struct call *c, const struct transfer_request *r)
{
    CURL *easy = c->job.easy;
    struct str method = r->method.p ? r->method : STR("GET");
    set_limits(c, r->timeout_ms > 0 ? r->timeout_ms : TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_URL, str_z(c->arena, r->url));
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    if (r->body.p) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body.len ? r->body.p : "");
    }
    if (str_is(method, "HEAD"))
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (!str_is(method, r->body.p ? "POST" : "GET"))
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, str_z(c->arena, method));
    set_headers(c, r);
}

static enum transfer_result result_of(const struct call *c)
{
    if (c->job.code == CURLE_OK)
        return TRANSFER_DONE; // perhaps by another of the name's addresses
    if (c->forbidden)
        return TRANSFER_FORBIDDEN;
    if (c->too_large)
        return c->clip && c->headers_size <= HEADERS_SIZE_MAX ? TRANSFER_DONE : TRANSFER_TOO_LARGE;
    switch (c->job.code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return TRANSFER_INVALID;
    case CURLE_COULDNT_RESOLVE_HOST:
        return TRANSFER_UNKNOWN;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return TRANSFER_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        return TRANSFER_LATE;
    default:
        return TRANSFER_UNREACHABLE;
    }
}

// The host only: paths and queries may carry secrets.
static void log_failure(const struct call *c, enum transfer_result r)
{
    if (r == TRANSFER_DONE)
        return;
    char *host = NULL, *url = NULL;
    CURLU *parts = curl_url();
    curl_easy_getinfo(c->job.easy, CURLINFO_EFFECTIVE_URL, &url);
    if (parts && url && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(parts, CURLUPART_HOST, &host, 0);
    log_warn("transfer failed", "host", str_of(host ? host : ""), "result", transfer_result_name(r),
        "reason", str_of(curl_easy_strerror(c->job.code)));
    curl_free(host);
    curl_url_cleanup(parts);
}

// Only the host's name says that it is this machine: a name that merely leads here isn't meant.
static enum transfer_reach reach_of(struct arena *a, const struct transfer_request *r)
{
    char *host = NULL;
    CURLU *parts = curl_url();
    bool own = r->allow_own && parts &&
               curl_url_set(parts, CURLUPART_URL, str_z(a, r->url), 0) == CURLUE_OK &&
               curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
               address_is_loopback(host);
    curl_free(host);
    curl_url_cleanup(parts);
    return r->allow_private ? REACH_PRIVATE : own ? REACH_OWN : REACH_PUBLIC;
}

enum transfer_result transfer_resolve(struct arena *a, const struct transfer_request *request)
{
    struct transfer_response none = {0};
    if (!request_valid(request))
        return TRANSFER_INVALID;
    struct call c = {.arena = a, .response = &none, .reach = reach_of(a, request), .looks = true};
    if (!transfer_pool_take(&c.job, c.reach))
        return TRANSFER_BUSY;
    buf_init(&c.body, a, 1);
    set_request(&c, request);
    // A connection that is open already would not be looked at.
    curl_easy_setopt(c.job.easy, CURLOPT_FRESH_CONNECT, 1L);
    transfer_pool_run(&c.job);
    enum transfer_result result = c.found && !c.forbidden ? TRANSFER_DONE : result_of(&c);
    transfer_pool_give_back(&c.job);
    curl_slist_free_all(c.lines);
    return result;
}

enum transfer_result transfer_http(
    struct arena *a, const struct transfer_request *request, struct transfer_response *response)
{
    *response = (struct transfer_response){0};
    if (!request_valid(request))
        return TRANSFER_INVALID;
    struct call c = {.arena = a, .response = response, .reach = reach_of(a, request)};
    c.clip = request->clip;
    if (!transfer_pool_take(&c.job, c.reach))
        return TRANSFER_BUSY;
    buf_init(&c.body, a, request->max_response ? request->max_response : RESPONSE_MAX);
    set_request(&c, request);
    transfer_pool_run(&c.job);
    enum transfer_result result = result_of(&c);
    long status = 0;
    curl_easy_getinfo(c.job.easy, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    response->body = buf_str(&c.body);
    log_failure(&c, result);
    transfer_pool_give_back(&c.job);
    curl_slist_free_all(c.lines);
    return result;
}

struct str transfer_header_find(const struct transfer_response *response, struct str name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (str_ieq(response->headers[i].name, name))
            return response->headers[i].value;
    return STR_NULL;
}

bool transfer_is_final(enum transfer_result r)
{
    return r == TRANSFER_INVALID || r == TRANSFER_FORBIDDEN || r == TRANSFER_REFUSED ||
           r == TRANSFER_TOO_LARGE;
}

struct str transfer_result_name(enum transfer_result r)
{
    static const char *const names[] = {
        [TRANSFER_DONE] = "done",
        [TRANSFER_INVALID] = "invalid",
        [TRANSFER_FORBIDDEN] = "forbidden",
        [TRANSFER_REFUSED] = "refused",
        [TRANSFER_DEFERRED] = "deferred",
        [TRANSFER_UNKNOWN] = "unknown host",
        [TRANSFER_UNTRUSTED] = "untrusted",
        [TRANSFER_UNREACHABLE] = "unreachable",
        [TRANSFER_LATE] = "late",
        [TRANSFER_TOO_LARGE] = "too large",
        [TRANSFER_BUSY] = "busy",
    };
    return str_of(names[r]);
}
