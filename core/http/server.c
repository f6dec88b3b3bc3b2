#include "http/server.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/head.h"
#include "io/fiber.h"
#include "io/loop.h"

// libh2o buffers a body before the handler sees it. Without an announced length, and over HTTP/2,
// one over BODY_MAX is read so that it gets its page; over this it is refused without one.
enum { H2O_BODY_MAX = 64 << 20 };
// Head, body and the pause before the next request, all together, of an HTTP/1 connection.
enum {
    REQUEST_TIMEOUT_MS = 60000,
    HANDSHAKE_TIMEOUT_MS = 10000,
    SWEEP_MS = 500,
    DRAIN_SWEEP_MS = 100
};

static struct {
    struct server_config config;
    h2o_globalconf_t global;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener;
    struct timer sweep;
    bool listening, draining, paused;
} server;

static void accept_some(int most)
{
    for (int i = 0; i < most && !connections_full(); i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(server.listener);
        if (!socket)
            return;
        connection_adopt(socket);
        h2o_accept(&server.accept, socket);
    }
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    if (err)
        return;
    accept_some(16);
    if (connections_full()) {
        // The kernel keeps the others waiting until the sweep finds room.
        h2o_socket_read_stop(listener);
        server.paused = true;
    }
}

static enum head_verdict verdict_of(const h2o_req_t *req)
{
    enum head_verdict verdict = head_verdict_take();
    size_t len = req->path.len;
    for (size_t i = 0; i < req->headers.size; i++)
        len += req->headers.entries[i].name->len + req->headers.entries[i].value.len;
    return verdict == HEAD_FINE && len > HEAD_MAX ? HEAD_TOO_LARGE : verdict;
}

static struct str header_of(h2o_req_t *req, const h2o_token_t *token)
{
    ssize_t at = h2o_find_header(&req->headers, token, -1);
    return at < 0 ? STR_NULL
                  : str_n(req->headers.entries[at].value.base, req->headers.entries[at].value.len);
}

static bool answer_from_memory(h2o_req_t *req)
{
    struct str method = str_n(req->method.base, req->method.len);
    if (!server.config.find || !(str_is(method, "GET") || str_is(method, "HEAD")))
        return false;
    struct str encodings = header_of(req, H2O_TOKEN_ACCEPT_ENCODING);
    struct str accepts = header_of(req, H2O_TOKEN_ACCEPT);
    struct server_lookup lookup = {
        .authority = str_n(req->authority.base, req->authority.len),
        .path = str_n(req->path.base, req->path.len),
        .if_none_match = header_of(req, H2O_TOKEN_IF_NONE_MATCH),
        .accept_language = header_of(req, H2O_TOKEN_ACCEPT_LANGUAGE),
        .is_personal =
            header_of(req, H2O_TOKEN_COOKIE).p || header_of(req, H2O_TOKEN_AUTHORIZATION).p,
        .accepts_gzip = str_find(encodings, STR("gzip")) >= 0,
        .wants_json = str_find(accepts, STR("application/json")) >= 0,
    };
    struct cached_answer answer = server.config.find(&lookup);
    if (!answer.status)
        return false;
    exchange_send_cached(req, &answer, server.draining);
    return true;
}

// What is refused without a fiber.
static bool refuse(h2o_req_t *req, struct connection *c, enum head_verdict head)
{
    struct str unreadable = head == HEAD_AMBIGUOUS ? STR("The request's framing is ambiguous.\n")
                                                   : STR("The request can't be read.\n");
    switch (head) {
    case HEAD_AMBIGUOUS:
    case HEAD_MALFORMED:
        exchange_send_plain(req, 400, unreadable);
        return true;
    case HEAD_TOO_LARGE:
        exchange_send_plain(req, 431, STR("The request's header is too large.\n"));
        return true;
    case HEAD_FINE:
    case HEAD_BODY_LARGE:
        break;
    }
    if (!c->cut && c->gone < CONNECTION_GONE_MAX)
        return false;
    connection_cut(c);
    exchange_send_plain(req, 503, STR("Too many cancelled requests.\n"));
    return true;
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    struct connection *c = connection_of(req);
    enum head_verdict head = verdict_of(req);
    connection_used(c, req);
    if (head != HEAD_FINE && req->version < 0x200)
        connection_linger(c);
    if (head != HEAD_FINE || server.draining)
        req->http1_is_persistent = 0;
    if (refuse(req, c, head) || (head == HEAD_FINE && answer_from_memory(req)))
        return 0;
    bool too_large = head == HEAD_BODY_LARGE || req->entity.len > BODY_MAX;
    if (c->live >= CONNECTION_FIBERS_MAX || !exchange_start(req, c, too_large))
        exchange_send_plain(req, 503, STR("Too busy. Try again in a moment.\n"));
    return 0;
}

static void on_sweep(struct timer *t)
{
    connections_sweep(server.draining);
    if (server.paused && !server.draining && !connections_full()) {
        server.paused = false;
        h2o_socket_read_start(server.listener, on_accept);
    }
    int64_t pause_ms = server.draining ? DRAIN_SWEEP_MS : SWEEP_MS;
    timer_start(t, pause_ms / server.config.haste, on_sweep);
}

static bool use_tls(const struct server_config *config)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"vitrine", 7);
    if (SSL_CTX_use_certificate_chain_file(ctx, config->tls_certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, config->tls_key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        SSL_CTX_free(ctx);
        return false;
    }
    h2o_ssl_register_alpn_protocols(ctx, h2o_http2_alpn_protocols);
    server.accept.ssl_ctx = ctx;
    return true;
}

static void configure(void)
{
    h2o_globalconf_t *g = &server.global;
    uint64_t haste = (uint64_t)server.config.haste;
    h2o_config_init(g);
    g->server_name = h2o_iovec_init(H2O_STRLIT("vitrine"));
    g->max_request_entity_size = H2O_BODY_MAX;
    g->handshake_timeout = HANDSHAKE_TIMEOUT_MS / haste;
    g->http1.req_timeout = REQUEST_TIMEOUT_MS / haste;
    g->http2.max_concurrent_requests_per_connection = CONNECTION_FIBERS_MAX;
    g->http2.graceful_shutdown_timeout = 5000;
    h2o_hostconf_t *host =
        h2o_config_register_host(g, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = on_request;
}

bool server_start(const struct server_config *config)
{
    server.config = *config;
    configure();
    h2o_context_init(&server.context, loop_h2o(), &server.global);
    server.accept.ctx = &server.context;
    server.accept.hosts = server.global.hosts;
    if (config->tls_certificate && !use_tls(config))
        return false;
    connections_init(&server.context, config->haste);
    exchange_init(&server.config);
    server.listener =
        h2o_evloop_socket_create(loop_h2o(), config->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    timer_start(&server.sweep, SWEEP_MS, on_sweep);
    return true;
}

void server_listen(void)
{
    if (server.listening || server.draining)
        return;
    server.listening = true;
    h2o_socket_read_start(server.listener, on_accept);
}

void server_turn(void)
{
    exchange_turn();
}

void server_drain(void)
{
    if (server.draining)
        return;
    server.draining = true;
    // Whoever the kernel has already welcomed is served.
    accept_some(CONNECTIONS_MAX);
    h2o_socket_read_stop(server.listener);
    h2o_socket_close(server.listener);
    h2o_context_request_shutdown(&server.context);
    timer_start(&server.sweep, DRAIN_SWEEP_MS, on_sweep);
}

bool server_draining(void)
{
    return server.draining;
}

bool server_drained(void)
{
    return server.draining && !connections_open() && !fibers_live();
}
