#include "http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/exchange.h"
#include "http/head.h"
#include "io/fiber.h"
#include "io/loop.h"

// libh2o buffers a body before the handler sees it; what is over this never gets a page.
enum { H2O_BODY_MAX = 32 << 20, HEAD_TIMEOUT_MS = 30000, SWEEP_MS = 5000, IDLE_GRACE_MS = 1000 };

static struct {
    struct server_config config;
    h2o_globalconf_t global;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener;
    struct connection *first;
    int connections;
    struct timer sweep;
    bool draining;
    int64_t draining_since_ms;
} server;

static void on_close(void *data)
{
    struct connection *c = data;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    server.connections--;
    c->socket = NULL;
    // Fibers of requests that were cancelled may still count themselves here.
    connection_release(c);
}

static void adopt(h2o_socket_t *socket)
{
    struct connection *c = h2o_mem_alloc(sizeof *c);
    *c = (struct connection){.socket = socket,
        .references = 1,
        .used_ms = clock_mono_ms(),
        .next = server.first,
        .link = &server.first};
    if (server.first)
        server.first->link = &c->next;
    server.first = c;
    server.connections++;
    socket->on_close.cb = on_close;
    socket->on_close.data = c;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    if (err)
        return;
    for (int i = 0; i < 16 && server.connections < CONNECTIONS_MAX; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (!socket)
            return;
        int fd = h2o_socket_get_fd(socket), on = 1, unread_ms = 10000;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        // A client that doesn't read is dropped by the kernel.
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unread_ms, sizeof unread_ms);
        adopt(socket);
        h2o_accept(&server.accept, socket);
    }
}

static struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

static void cut(struct connection *c)
{
    // libh2o notices and closes by itself.
    if (c->socket)
        shutdown(h2o_socket_get_fd(c->socket), SHUT_RDWR);
}

static bool head_is_fine(h2o_req_t *req)
{
    if (req->version >= 0x200)
        return true;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    return head_is_unambiguous(str_n(socket->input->bytes, socket->input->size));
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
        .has_cookie = header_of(req, H2O_TOKEN_COOKIE).p != NULL,
        .accepts_gzip = str_find(encodings, STR("gzip")) >= 0,
        .wants_json = str_find(accepts, STR("application/json")) >= 0,
    };
    struct cached_answer answer = server.config.find(&lookup);
    if (!answer.status)
        return false;
    exchange_send_cached(req, &answer, server.draining);
    return true;
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    struct connection *c = connection_of(req);
    c->used_ms = clock_mono_ms();
    if (server.draining)
        req->http1_is_persistent = 0;
    if (!head_is_fine(req)) {
        req->http1_is_persistent = 0;
        exchange_send_plain(req, 400, STR("The request's framing is ambiguous.\n"));
        return 0;
    }
    if (answer_from_memory(req))
        return 0;
    if (c->gone >= CONNECTION_GONE_MAX) {
        cut(c);
        exchange_send_plain(req, 503, STR("Too many cancelled requests.\n"));
    } else if (c->live >= CONNECTION_FIBERS_MAX || !exchange_start(req, c, &server.config)) {
        exchange_send_plain(req, 503, STR("Too busy. Try again in a moment.\n"));
    }
    return 0;
}

// Connections that take too long to read an answer, and while draining those that do nothing.
static void on_sweep(struct timer *t)
{
    int64_t now = clock_mono_ms();
    for (struct connection *c = server.first; c; c = c->next) {
        bool writing = h2o_socket_is_writing(c->socket);
        if (!writing)
            c->writing_since_ms = 0;
        else if (!c->writing_since_ms)
            c->writing_since_ms = now;
        bool stuck = writing && now - c->writing_since_ms > WRITE_MAX_MS;
        bool idle = server.draining && !c->live && !writing && now - c->used_ms > IDLE_GRACE_MS;
        if (stuck || idle)
            cut(c);
    }
    timer_start(t, server.draining ? IDLE_GRACE_MS / 4 : SWEEP_MS, on_sweep);
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

bool server_start(const struct server_config *config)
{
    server.config = *config;
    h2o_config_init(&server.global);
    server.global.server_name = h2o_iovec_init(H2O_STRLIT("vitrine"));
    server.global.max_request_entity_size = H2O_BODY_MAX;
    server.global.http1.req_timeout = HEAD_TIMEOUT_MS;
    server.global.http2.max_concurrent_requests_per_connection = CONNECTION_FIBERS_MAX;
    server.global.http2.graceful_shutdown_timeout = 5000;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server.global, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = on_request;
    h2o_context_init(&server.context, loop_h2o(), &server.global);
    server.accept.ctx = &server.context;
    server.accept.hosts = server.global.hosts;
    if (config->tls_certificate && !use_tls(config))
        return false;
    exchange_init(config);
    server.listener =
        h2o_evloop_socket_create(loop_h2o(), dup(config->listen_fd), H2O_SOCKET_FLAG_DONT_READ);
    h2o_socket_read_start(server.listener, on_accept);
    timer_start(&server.sweep, SWEEP_MS, on_sweep);
    return true;
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
    server.draining_since_ms = clock_mono_ms();
    h2o_socket_read_stop(server.listener);
    h2o_socket_close(server.listener);
    h2o_context_request_shutdown(&server.context);
    timer_start(&server.sweep, IDLE_GRACE_MS / 4, on_sweep);
}

bool server_drained(void)
{
    return server.draining && !server.connections && !fibers_live();
}

int server_connections(void)
{
    return server.connections;
}
