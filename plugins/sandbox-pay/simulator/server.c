#include "server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "io/fiber.h"
#include "io/loop.h"

enum {
    BODY_MAX = 64 * 1024,
    CONNECTIONS_MAX = 256,
    CALLS_MAX = 512,
    UNREAD_MS = 10000,
    CALL_MAX_MS = 30000,
    BACKLOG = 128,
};

struct exchange {
    h2o_req_t *req; // NULL once the client left
    struct exchange **slot;
    struct call call;
};

static struct {
    void (*serve)(struct call *call);
    h2o_globalconf_t global;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    int connections;
} server;

static void on_close(void *unused)
{
    (void)unused;
    server.connections--;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    h2o_socket_t *socket;
    while (!err && (socket = h2o_evloop_socket_accept(listener))) {
        if (server.connections >= CONNECTIONS_MAX) {
            h2o_socket_close(socket);
            continue;
        }
        int fd = h2o_socket_get_fd(socket), on = 1, unread_ms = UNREAD_MS;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unread_ms, sizeof unread_ms);
        server.connections++;
        socket->on_close.cb = on_close;
        h2o_accept(&server.accept, socket);
    }
}

static void add_header(h2o_req_t *req, struct str name, struct str value)
{
    if (!value.len)
        return;
    h2o_iovec_t n = h2o_strdup(&req->pool, name.p, name.len);
    h2o_iovec_t v = h2o_strdup(&req->pool, value.p, value.len);
    h2o_add_header_by_str(&req->pool, &req->res.headers, n.base, n.len, 1, NULL, v.base, v.len);
}

static void send_answer(h2o_req_t *req, const struct call *call)
{
    static h2o_generator_t nothing_more;
    h2o_iovec_t body = h2o_strdup(
        &req->pool, call->answer.body.p ? call->answer.body.p : "", call->answer.body.len);
    req->res.status = call->answer.status;
    req->res.reason = "";
    req->res.content_length = body.len;
    add_header(req, STR("content-type"), call->answer.type);
    add_header(req, STR("location"), call->answer.location);
    add_header(req, STR("content-security-policy"), call->answer.policy);
    add_header(req, STR("cache-control"),
        call->answer.keep ? STR("public, max-age=300") : STR("no-store"));
    add_header(req, STR("x-content-type-options"), STR("nosniff"));
    // The shop never learns this page's address, while our own forms keep telling their origin.
    add_header(req, STR("referrer-policy"), STR("same-origin"));
    h2o_start_response(req, &nothing_more);
    bool head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    h2o_send(req, &body, body.len && !head ? 1 : 0, H2O_SEND_STATE_FINAL);
}

static void send_plain(h2o_req_t *req, int status, struct str text)
{
    struct call call = {
        .answer = {.status = status, .type = STR("text/plain; charset=utf-8"), .body = text}};
    send_answer(req, &call);
}

static void run(void *arg)
{
    struct exchange *x = arg;
    fiber_set_deadline(clock_mono_ms() + CALL_MAX_MS);
    server.serve(&x->call);
    check(x->call.answer.status);
    if (!x->req)
        return;
    *x->slot = NULL;
    send_answer(x->req, &x->call);
}

static void on_dispose(void *slot)
{
    struct exchange *x = *(struct exchange **)slot;
    if (x)
        x->req = NULL;
}

static struct str copy(struct arena *a, h2o_iovec_t v)
{
    return str_dup(a, str_n(v.base ? v.base : "", v.len));
}

static void take_headers(struct call *call, h2o_req_t *req)
{
    const struct {
        const char *name;
        struct str *to;
    } wanted[] = {{"authorization", &call->authorization}, {"origin", &call->origin},
        {"idempotency-key", &call->idempotency_key}, {"sec-fetch-site", &call->fetch_site},
        {"accept-language", &call->accept_language}};
    for (size_t i = 0; i < req->headers.size; i++)
        for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
            h2o_iovec_t *name = req->headers.entries[i].name;
            if (str_ieq(str_n(name->base, name->len), str_of(wanted[w].name)))
                *wanted[w].to = copy(call->arena, req->headers.entries[i].value);
        }
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    if (fibers_live() >= CALLS_MAX) {
        send_plain(req, 503, STR("Too busy. Try again in a moment.\n"));
        return 0;
    }
    struct arena *a = arena_new();
    struct exchange *x = arena_new_object(a, struct exchange);
    x->req = req;
    x->slot = h2o_mem_alloc_shared(&req->pool, sizeof *x->slot, on_dispose);
    *x->slot = x;
    x->call.arena = a;
    struct str target = copy(a, req->path);
    x->call.path = str_cut(&target, '?');
    x->call.method = copy(a, req->method);
    x->call.host = copy(a, req->input.authority);
    x->call.body = copy(a, req->entity);
    take_headers(&x->call, req);
    check(fiber_start(run, x, a));
    return 0;
}

static int listen_on(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)*port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, BACKLOG) ||
        getsockname(fd, (struct sockaddr *)&at, &len))
        return -1;
    *port = ntohs(at.sin_port);
    return fd;
}

int server_start(int port, void (*serve)(struct call *call))
{
    int fd = listen_on(&port);
    if (fd < 0)
        return 0;
    server.serve = serve;
    h2o_config_init(&server.global);
    server.global.server_name = h2o_iovec_init(H2O_STRLIT("sandbox-pay"));
    server.global.max_request_entity_size = BODY_MAX;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server.global, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = on_request;
    h2o_context_init(&server.context, loop_h2o(), &server.global);
    server.accept.ctx = &server.context;
    server.accept.hosts = server.global.hosts;
    h2o_socket_t *listener = h2o_evloop_socket_create(loop_h2o(), fd, H2O_SOCKET_FLAG_DONT_READ);
    h2o_socket_read_start(listener, on_accept);
    return port;
}
