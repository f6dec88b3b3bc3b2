#include "http/exchange.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/metric.h"
#include "http/bearer.h"
#include "http/compress.h"
#include "io/address.h"
#include "io/fiber.h"

struct exchange {
    h2o_req_t *req;         // NULL once the client left
    struct exchange **slot; // in the request's pool; tells us when that happens
    struct connection *connection;
    struct request request;
    int64_t started_ns;
};

enum { LOG_ROOM = 64 * 1024, COMPRESS_LEAST = 600 };

static struct {
    const struct server_config *config;
    struct arena *line; // emptied after each
    char text[LOG_ROOM];
    size_t len;
} access_log;

void exchange_init(const struct server_config *config)
{
    access_log.config = config;
    access_log.line = arena_new();
}

void exchange_turn(void)
{
    if (!access_log.len)
        return;
    ssize_t ignored = write(STDERR_FILENO, access_log.text, access_log.len);
    (void)ignored;
    access_log.len = 0;
}

// What one request leaves; `id` absent for what needed no request of ours.
struct access {
    struct str id, host, method, path;
    int status;
    int64_t took_ns;
};

static void log_access(const struct access *x)
{
    struct buf b;
    if (!access_log.config->access_log)
        return;
    buf_init(&b, access_log.line, 16 * 1024);
    buf_add(&b, STR("{\"level\":\"info\",\"msg\":\"request\","));
    if (x->id.p) {
        buf_add(&b, STR("\"request_id\":"));
        json_write_str(&b, x->id);
        buf_add_char(&b, ',');
    }
    buf_add(&b, STR("\"host\":"));
    json_write_str(&b, str_utf8_valid(x->host) ? str_sub(x->host, 0, 255) : STR("?"));
    buf_add(&b, STR(",\"method\":"));
    json_write_str(&b, str_sub(x->method, 0, 16));
    buf_add(&b, STR(",\"path\":"));
    json_write_str(&b, str_utf8_valid(x->path) ? str_utf8_clip(x->path, 500) : STR("?"));
    buf_add(&b, STR(",\"status\":"));
    buf_add_i64(&b, x->status);
    buf_add(&b, STR(",\"us\":"));
    buf_add_i64(&b, x->took_ns / 1000);
    buf_add(&b, STR("}\n"));
    if (access_log.len + b.len > LOG_ROOM)
        exchange_turn();
    memcpy(access_log.text + access_log.len, b.p, b.len);
    access_log.len += b.len;
    arena_reset(access_log.line);
}

// Without the query: it may carry a token.
static void log_request(const struct request *r, int64_t took_ns)
{
    struct access x = {r->id, r->authority, r->method_name, r->path, r->response.status, took_ns};
    log_access(&x);
}

// An answer from memory takes a microsecond or two, which nobody times.
static void log_cached(const h2o_req_t *req)
{
    struct str path = str_n(req->path.base, req->path.len);
    struct str host = str_n(req->authority.base, req->authority.len);
    struct access x = {.host = str_cut(&host, ':'),
        .method = str_n(req->method.base, req->method.len),
        .path = str_cut(&path, '?'),
        .status = req->res.status};
    log_access(&x);
}

// libh2o disposes of the request: the client left, or everything was sent.
static void on_dispose(void *slot)
{
    struct exchange *x = *(struct exchange **)slot;
    if (!x)
        return;
    x->req = NULL;
    x->connection->gone++;
    if (x->request.stream)
        stream_left(x->request.stream);
}

static struct exchange *exchange_of(struct request *r)
{
    return (struct exchange *)((char *)r - offsetof(struct exchange, request));
}

h2o_req_t *exchange_req(struct request *r)
{
    return exchange_of(r)->req;
}

void exchange_cut(struct request *r)
{
    connection_cut(exchange_of(r)->connection);
}

int exchange_haste(void)
{
    return access_log.config->haste;
}

static struct str copy(struct arena *a, h2o_iovec_t v)
{
    return str_dup(a, str_n(v.base ? v.base : "", v.len));
}

// Asked once a connection.
static struct str peer_address(struct connection *c, h2o_req_t *req)
{
    struct sockaddr_storage peer;
    if (c->peer[0])
        return str_of(c->peer);
    if (!req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)&peer))
        return STR("unknown");
    if (peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, c->peer, sizeof c->peer);
    else if (peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&peer)->sin6_addr, c->peer, sizeof c->peer);
    return str_of(c->peer);
}

static bool is_trusted(struct str address, struct str proxies)
{
    for (struct str rest = proxies; rest.p;)
        if (str_eq(str_trim(str_cut(&rest, ',')), address))
            return true;
    return false;
}

// Each proxy adds on the right whom it heard; what stands left of the first that isn't ours anybody
// may have written.
static struct str client_of(struct str chain, struct str proxies, struct str otherwise)
{
    while (chain.p) {
        size_t comma = chain.len;
        while (comma && chain.p[comma - 1] != ',')
            comma--;
        struct str last = str_trim(str_sub(chain, comma, chain.len));
        if (!address_is_valid(last))
            return otherwise;
        otherwise = last;
        if (!comma || !is_trusted(last, proxies))
            break;
        chain = str_sub(chain, 0, comma - 1);
    }
    return otherwise;
}

// What the header tells is taken only from a proxy that the operator named.
static void take_forwarded(struct request *r, struct str name, struct str value, bool trusted)
{
    if (!trusted)
        return;
    if (str_is(name, "x-forwarded-proto"))
        r->secure = str_is(value, "https");
    else if (str_is(name, "x-forwarded-for"))
        r->remote = client_of(value, access_log.config->trusted_proxies, r->remote);
}

static void take_header(struct request *r, struct str name, struct str value, bool trusted)
{
    const struct {
        const char *name;
        struct str *to;
    } wanted[] = {{"content-type", &r->content_type}, {"cookie", &r->cookie},
        {"accept", &r->accept}, {"origin", &r->origin}, {"sec-fetch-site", &r->fetch_site},
        {"if-none-match", &r->if_none_match}, {"idempotency-key", &r->idempotency_key},
        {"accept-language", &r->accept_language}, {"user-agent", &r->agent},
        {"authorization", &r->authorization}, {"vitrine-signature", &r->signature}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (str_is(name, wanted[i].name)) {
            *wanted[i].to = value;
            return;
        }
    if (str_is(name, "hx-request"))
        r->from_htmx = str_is(value, "true");
    else if (str_is(name, "accept-encoding"))
        r->accepts_gzip = str_find(value, STR("gzip")) >= 0;
    else
        take_forwarded(r, name, value, trusted);
}

static enum http_method method_of(struct str name)
{
    if (str_is(name, "GET") || str_is(name, "HEAD"))
        return HTTP_GET;
    return str_is(name, "POST")     ? HTTP_POST
           : str_is(name, "PUT")    ? HTTP_PUT
           : str_is(name, "DELETE") ? HTTP_DELETE
                                    : HTTP_OTHER;
}

// Cookies may come in several fields over HTTP/2 (RFC 9113, 8.2.3).
static void take_headers(struct request *r, h2o_req_t *req, bool trusted)
{
    for (size_t i = 0; i < req->headers.size; i++) {
        h2o_header_t *h = &req->headers.entries[i];
        struct str name = str_lower(r->arena, str_n(h->name->base, h->name->len));
        struct str value = copy(r->arena, h->value), before = r->cookie;
        take_header(r, name, value, trusted);
        if (before.p && str_is(name, "cookie"))
            r->cookie = str_join(r->arena, before, STR("; "), value, STR_NULL);
    }
}

static void take_request(struct exchange *x, h2o_req_t *req)
{
    struct request *r = &x->request;
    struct arena *a = r->arena;
    struct str authority = str_lower(a, str_n(req->input.authority.base, req->input.authority.len));
    ptrdiff_t colon = str_index(authority, ':');
    r->authority = colon < 0 ? authority : str_sub(authority, 0, (size_t)colon);
    r->port = colon < 0 ? STR("") : str_sub(authority, (size_t)colon, authority.len);
    r->method_name = copy(a, req->method);
    r->method = method_of(r->method_name);
    r->raw_path = copy(a, req->path);
    r->http2 = req->version >= 0x200;
    r->secure = req->conn->callbacks->get_socket(req->conn)->ssl != NULL;
    r->body = r->body_too_large ? STR("") : copy(a, req->entity);
    r->remote = str_dup(a, peer_address(x->connection, req));
    take_headers(r, req, is_trusted(r->remote, access_log.config->trusted_proxies));
    r->wants_json = str_find(r->accept, STR("application/json")) >= 0;
    r->sent_json = str_starts(r->content_type, STR("application/json"));
    // Who sends JSON, or a token, is answered in JSON, unless a page is asked for.
    if ((r->sent_json || bearer_is(r)) && str_find(r->accept, STR("text/html")) < 0)
        r->wants_json = true;
    unsigned char random[8];
    id_random_bytes(random, sizeof random);
    r->id = str_hex(a, random, sizeof random);
}

static h2o_iovec_t to_pool(h2o_req_t *req, struct str s)
{
    return h2o_strdup(&req->pool, s.p ? s.p : "", s.len);
}

static void add_header(h2o_req_t *req, struct str name, struct str value)
{
    h2o_iovec_t n = to_pool(req, name), v = to_pool(req, value);
    h2o_add_header_by_str(&req->pool, &req->res.headers, n.base, n.len, 1, NULL, v.base, v.len);
}

// Clients may ignore the phrase, but some don't take a status line without one.
static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"}, {201, "Created"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
        {404, "Not Found"}, {405, "Method Not Allowed"}, {409, "Conflict"}, {410, "Gone"},
        {413, "Content Too Large"}, {415, "Unsupported Media Type"}, {422, "Unprocessable Content"},
        {429, "Too Many Requests"}, {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return status < 400 ? "OK" : "Error";
}

static void send_body(h2o_req_t *req, h2o_iovec_t body)
{
    static h2o_generator_t nothing_more;
    req->res.reason = reason_of(req->res.status);
    // Of the page that a 304 stands for, which isn't at hand here.
    req->res.content_length = req->res.status == 304 ? SIZE_MAX : body.len;
    h2o_start_response(req, &nothing_more);
    bool head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    h2o_send(req, &body, body.len && !head ? 1 : 0, H2O_SEND_STATE_FINAL);
}

static bool has_header(const struct response *out, const char *name)
{
    for (int i = 0; out && i < out->header_count; i++)
        if (str_is(out->headers[i].name, name))
            return true;
    return false;
}

// Name and value stay where they are until the answer was sent; no name that libh2o knows.
static void add_borrowed(h2o_req_t *req, struct str name, struct str value)
{
    h2o_add_header_by_str(
        &req->pool, &req->res.headers, name.p, name.len, 0, NULL, value.p, value.len);
}

// Every answer carries these; pages add their content policy.
static void add_security(h2o_req_t *req, const struct response *out)
{
    add_borrowed(req, STR("x-content-type-options"), STR("nosniff"));
    if (!has_header(out, "referrer-policy"))
        add_borrowed(req, STR("referrer-policy"), STR("same-origin"));
    if (!has_header(out, "x-frame-options"))
        add_borrowed(req, STR("x-frame-options"), STR("DENY"));
}

void exchange_put_head(h2o_req_t *req, struct request *r)
{
    struct response *out = &r->response;
    if (server_draining())
        req->http1_is_persistent = 0;
    req->res.status = out->status;
    req->res.reason = reason_of(out->status);
    add_header(req, STR("content-type"), out->type);
    for (int i = 0; i < out->header_count; i++)
        add_header(req, out->headers[i].name, out->headers[i].value);
    add_security(req, out);
}

static void send_response(h2o_req_t *req, struct request *r)
{
    struct response *out = &r->response;
    struct str body = out->body;
    exchange_put_head(req, r);
    if (r->accepts_gzip && body.len >= COMPRESS_LEAST && compress_suits(out->type)) {
        struct str packed = compress_gzip(r->arena, body, COMPRESS_FAST);
        if (packed.p) {
            body = packed;
            add_header(req, STR("content-encoding"), STR("gzip"));
        }
    }
    if (compress_suits(out->type))
        add_header(req, STR("vary"), STR("accept-encoding, accept, cookie"));
    send_body(req, to_pool(req, body));
}

static void run(void *arg)
{
    struct exchange *x = arg;
    struct request *r = &x->request;
    fiber_set_deadline(clock_mono_ms() + REQUEST_MAX_MS);
    fiber_log_context()->request_id = r->id;
    access_log.config->serve(r);
    check(r->response.status);
    struct connection *c = x->connection;
    if (x->req) {
        // From here on the request lives and dies without us.
        *x->slot = NULL;
        if (!r->stream)
            send_response(x->req, r);
    } else {
        c->gone--;
    }
    int64_t took_ns = clock_mono_ns() - x->started_ns;
    metric_add(METRIC_requests_total, 1);
    metric_add(METRIC_request_us_total, took_ns / 1000);
    metric_add(METRIC_request_errors_total, r->response.status >= 500);
    log_request(r, took_ns);
    if (r->site)
        site_release(r->site);
    if (r->about)
        site_release(r->about);
    c->live--;
    connection_release(c);
}

bool exchange_start(h2o_req_t *req, struct connection *c, bool too_large)
{
    if (fibers_live() >= FIBERS_MAX - SPARE_FIBERS)
        return false;
    struct arena *a = arena_new();
    struct exchange *x = arena_new_object(a, struct exchange);
    // The slot goes with h2o's request; the exchange stays with its fiber.
    struct exchange **slot = h2o_mem_alloc_shared(&req->pool, sizeof *slot, on_dispose);
    *slot = x;
    x->slot = slot;
    x->req = req;
    x->connection = c;
    x->started_ns = clock_mono_ns();
    x->request.arena = a;
    x->request.body_too_large = too_large;
    take_request(x, req);
    c->references++;
    c->live++;
    check(fiber_start(run, x, a));
    return true;
}

struct request *request_of_fiber(void)
{
    struct exchange *x = fiber_argument_of(run);
    return x ? &x->request : NULL;
}

struct held_answer {
    void (*release)(void *owner);
    void *owner;
};

static void on_sent(void *held)
{
    struct held_answer *h = held;
    h->release(h->owner);
}

static void add_known(h2o_req_t *req, const h2o_token_t *token, struct str value)
{
    if (value.len)
        h2o_add_header(&req->pool, &req->res.headers, token, NULL, value.p, value.len);
}

// The bytes stay where they are until they were sent.
static void hold(h2o_req_t *req, const struct cached_answer *answer)
{
    metric_add(METRIC_requests_total, 1);
    metric_add(METRIC_requests_cached_total, 1);
    struct held_answer *held = h2o_mem_alloc_shared(&req->pool, sizeof *held, on_sent);
    *held = (struct held_answer){answer->release, answer->owner};
}

void exchange_send_cached(h2o_req_t *req, const struct cached_answer *answer, bool last)
{
    if (answer->release)
        hold(req, answer);
    if (last)
        req->http1_is_persistent = 0;
    req->res.status = answer->status;
    if (answer->status != 304)
        add_known(req, H2O_TOKEN_CONTENT_TYPE, answer->type);
    add_known(req, H2O_TOKEN_ETAG, answer->etag);
    add_known(req, H2O_TOKEN_CACHE_CONTROL, answer->caching);
    add_known(req, H2O_TOKEN_VARY, answer->vary);
    add_known(req, H2O_TOKEN_CONTENT_ENCODING, answer->encoding);
    if (answer->policy.len)
        add_borrowed(req, STR("content-security-policy"), answer->policy);
    add_security(req, NULL);
    log_cached(req);
    send_body(req, h2o_iovec_init(answer->body.p, answer->body.len));
}

void exchange_send_plain(h2o_req_t *req, int status, struct str text)
{
    req->res.status = status;
    add_header(req, STR("content-type"), STR("text/plain; charset=utf-8"));
    add_security(req, NULL);
    if (status == 503)
        add_header(req, STR("retry-after"), STR("1"));
    send_body(req, to_pool(req, text));
}
