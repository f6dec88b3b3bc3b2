#include "http/connection.h"

#include <errno.h>
#include <linux/tcp.h> // the libc's tcp_info ends too early
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

// libh2o's own limit on head and body of an HTTP/1 request together is server.c's REQUEST_TIMEOUT.
enum {
    HEAD_MAX_MS = 10000, // from the first byte of a head to its last
    BODY_MAX_MS = 60000, // HTTP/2: bodies arrive, and no request became complete
    IDLE_MAX_MS = 60000, // HTTP/2 pings don't count as use
    CROWDED_IDLE_MS = 1000,
    TAKE_MAX_MS = 60000,   // in which a client must take at least TAKE_LEAST of its answers
    UNREAD_MAX_MS = 10000, // the kernel drops a client that acknowledges nothing
    DRAIN_IDLE_MS = 500,
    LINGER_MS = 5000,
};
enum { LINGERING_MAX = 200, TAKE_LEAST = 64 << 10 };
// Bytes that make no request: HTTP/2 frames without an open stream, and bodies that wait for
// their end, of all connections together.
enum { DESCRIPTORS_KEPT = 512 }; // for PostgreSQL, Redis, mails, files, those that linger
enum { NOISE_MAX = 512 << 10, BODIES_MAX = 384 << 20 };

static struct {
    h2o_context_t *context;
    struct connection *first;
    int count, most, lingering, haste;
} all;

static int64_t limit(int64_t ms)
{
    return ms / all.haste;
}

void connections_init(h2o_context_t *context, int haste)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    int64_t room = (int64_t)files.rlim_cur - DESCRIPTORS_KEPT;
    all.context = context;
    all.haste = haste;
    all.most = room < CONNECTIONS_MAX ? (int)room : CONNECTIONS_MAX;
    if (room < CONNECTIONS_MAX)
        log_warn("few descriptors are allowed (ulimit -n): fewer connections than usual");
}

int connections_open(void)
{
    return all.count;
}

bool connections_full(void)
{
    return all.count >= all.most;
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

void connection_release(struct connection *c)
{
    if (!--c->references)
        free(c);
}

// Closing a socket while bytes arrive resets the connection, and the client may lose the answer
// that it hasn't read yet (RFC 9112, 9.6). So a second descriptor keeps it open when libh2o closes
// its own, and what still comes is read for a moment.
struct farewell {
    int fd;
    struct watch *watch;
    struct timer timer;
};

static void linger_end(struct farewell *l)
{
    timer_stop(&l->timer);
    watch_free(l->watch);
    close(l->fd);
    free(l);
    all.lingering--;
}

static void on_linger_read(void *owner)
{
    struct farewell *l = owner;
    static char dropped[64 * 1024];
    ssize_t n = read(l->fd, dropped, sizeof dropped);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        linger_end(l);
}

static void on_linger_due(struct timer *t)
{
    linger_end((struct farewell *)((char *)t - offsetof(struct farewell, timer)));
}

void connection_linger(struct connection *c)
{
    if (c->linger || !c->socket || all.lingering >= LINGERING_MAX)
        return;
    int fd = dup(h2o_socket_get_fd(c->socket));
    if (fd < 0)
        return;
    c->linger = h2o_mem_alloc(sizeof *c->linger);
    *c->linger = (struct farewell){.fd = fd};
    all.lingering++;
}

static void linger_start(struct farewell *l, bool cut)
{
    static const struct watch_handler handler = {.on_readable = on_linger_read};
    shutdown(l->fd, SHUT_WR);
    if (cut || !(l->watch = watch_new(l->fd, &handler, l))) {
        linger_end(l);
        return;
    }
    watch_read(l->watch, true);
    timer_start(&l->timer, limit(LINGER_MS), on_linger_due);
}

static void on_close(void *data)
{
    struct connection *c = data;
    if (c->linger)
        linger_start(c->linger, c->cut);
    c->linger = NULL;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    all.count--;
    c->socket = NULL;
    // Fibers of requests that were cancelled may still count themselves here.
    connection_release(c);
}

struct connection *connection_adopt(h2o_socket_t *socket)
{
    int fd = h2o_socket_get_fd(socket), on = 1, unread_ms = (int)limit(UNREAD_MAX_MS);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unread_ms, sizeof unread_ms);
    struct connection *c = h2o_mem_alloc(sizeof *c);
    *c = (struct connection){.socket = socket,
        .references = 1,
        .moved_ms = clock_mono_ms(),
        .next = all.first,
        .link = &all.first};
    if (all.first)
        all.first->link = &c->next;
    all.first = c;
    all.count++;
    socket->on_close.cb = on_close;
    socket->on_close.data = c;
    return c;
}

void connection_cut(struct connection *c)
{
    c->cut = true;
    if (c->socket)
        shutdown(h2o_socket_get_fd(c->socket), SHUT_RDWR);
}

// Goes with libh2o's request, so it learns of its end.
struct stream_end {
    struct connection *connection;
    h2o_req_t *req;
};

// A cancelled stream costs the server what an answered one does and the client nothing, and
// libh2o forgets it at once (CVE-2023-44487, CVE-2025-8671). Readers who leave a page cancel some.
static void on_stream_end(void *p)
{
    struct stream_end *end = p;
    struct connection *c = end->connection;
    const h2o_res_t *res = &end->req->res;
    bool bare =
        res->status == 304 || h2o_memis(end->req->method.base, end->req->method.len, "HEAD", 4);
    bool answered = res->status && (bare || end->req->bytes_sent >= res->content_length);
    if (!answered && ++c->cancelled >= CONNECTION_CANCELLED_MAX)
        connection_cut(c);
    else if (answered && c->cancelled > 0)
        c->cancelled--;
    connection_release(c);
}

void connection_used(struct connection *c, h2o_req_t *req)
{
    c->requests++;
    c->moved_ms = clock_mono_ms();
    c->head_since_ms = c->body_since_ms = 0;
    if (req->version < 0x200)
        return;
    struct stream_end *end = h2o_mem_alloc_shared(&req->pool, sizeof *end, on_stream_end);
    *end = (struct stream_end){c, req};
    c->references++;
}

// What the kernel has counted; libh2o counts each read by itself.
static void count_bytes(struct connection *c)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    getsockopt(h2o_socket_get_fd(c->socket), IPPROTO_TCP, TCP_INFO, &info, &len);
    c->received_bytes = info.tcpi_bytes_received;
    c->acked_bytes = info.tcpi_bytes_acked;
    if (c->requests != c->requests_seen)
        c->received_before = c->received_bytes;
    c->requests_seen = c->requests;
}

// An answer waits for its reader, in our buffers or in HTTP/2's flow control.
static bool reads_too_slowly(struct connection *c, bool stalled, int64_t now)
{
    if (!stalled && !h2o_socket_is_writing(c->socket)) {
        c->taking_since_ms = 0;
        return false;
    }
    if (c->taking_since_ms && now - c->taking_since_ms <= limit(TAKE_MAX_MS))
        return false;
    bool slow = c->taking_since_ms && c->acked_bytes - c->acked_before < TAKE_LEAST;
    c->taking_since_ms = now;
    c->acked_before = c->acked_bytes;
    return slow;
}

// Whether something goes on since longer than `max_ms`.
static bool lasts(bool goes_on, int64_t *since_ms, int64_t now, int64_t max_ms)
{
    if (!goes_on)
        *since_ms = 0;
    else if (!*since_ms)
        *since_ms = now;
    return goes_on && now - *since_ms > limit(max_ms);
}

static bool has_head(const h2o_buffer_t *input)
{
    return memmem(input->bytes, input->size, "\r\n\r\n", 4) != NULL;
}

static int unread_bytes(const struct connection *c)
{
    int unread = 0;
    return ioctl(h2o_socket_get_fd(c->socket), FIONREAD, &unread) == 0 ? unread : 0;
}

// HTTP/2 frames that belong to no open stream.
static bool makes_noise(const struct connection *c)
{
    uint64_t came = c->received_bytes - c->received_before;
    return !c->is_h1 && !c->open && came > NOISE_MAX &&
           came - (uint64_t)unread_bytes(c) > NOISE_MAX;
}

static bool h2_is_abused(struct connection *c, int64_t now)
{
    return lasts(c->receiving > 0, &c->body_since_ms, now, BODY_MAX_MS) ||
           reads_too_slowly(c, c->open > c->receiving && !c->live, now);
}

static bool is_idle(const struct connection *c)
{
    if (c->live || c->open || h2o_socket_is_writing(c->socket) || c->socket->input->size)
        return false;
    // A request that has just arrived isn't lost.
    return !unread_bytes(c);
}

static bool idles_too_long(struct connection *c, int64_t now, bool draining)
{
    bool crowded = all.count > all.most / 4 * 3;
    int64_t most = draining ? DRAIN_IDLE_MS : crowded ? limit(CROWDED_IDLE_MS) : limit(IDLE_MAX_MS);
    return now - c->moved_ms > most && is_idle(c);
}

// Draining waits for bodies under way; otherwise only requests and answers count as use.
static void note_movement(struct connection *c, int64_t now, bool draining)
{
    uint64_t moved = c->received_bytes + c->acked_bytes;
    if (c->live || h2o_socket_is_writing(c->socket) || (draining && moved != c->moved_bytes))
        c->moved_ms = now;
    c->moved_bytes = moved;
}

struct greedy {
    struct connection *connection;
    uint64_t bytes, total;
};

static void count_body(struct greedy *g, struct connection *c, uint64_t bytes)
{
    g->total += bytes;
    if (bytes > g->bytes) {
        g->bytes = bytes;
        g->connection = c;
    }
}

static int on_h1_request(h2o_req_t *req, void *unused)
{
    (void)unused;
    connection_of(req)->is_h1 = true;
    return 0;
}

static int on_open_stream(h2o_req_t *req, void *unused)
{
    (void)unused;
    struct connection *c = connection_of(req);
    c->open++;
    c->receiving += req->timestamps.request_body_begin_at.tv_sec && !req->processed_at.at.tv_sec;
    return 0;
}

// libh2o names all requests that are open, and one for every HTTP/1 connection.
static void count_streams(void)
{
    for (struct connection *c = all.first; c; c = c->next) {
        c->open = c->receiving = 0;
        c->is_h1 = false;
    }
    all.context->globalconf->http1.callbacks.foreach_request(all.context, on_h1_request, NULL);
    all.context->globalconf->http2.callbacks.foreach_request(all.context, on_open_stream, NULL);
}

static bool h1_is_abused(struct connection *c, int64_t now)
{
    const h2o_buffer_t *input = c->socket->input;
    bool unfinished = !c->live && input->size && !has_head(input);
    return lasts(unfinished, &c->head_since_ms, now, HEAD_MAX_MS) ||
           reads_too_slowly(c, false, now);
}

void connections_sweep(bool draining)
{
    int64_t now = clock_mono_ms();
    struct greedy g = {0};
    count_streams();
    for (struct connection *c = all.first; c; c = c->next) {
        count_bytes(c);
        note_movement(c, now, draining);
        if (c->receiving || (!c->open && !c->live))
            count_body(&g, c, c->received_bytes - c->received_before);
        if (makes_noise(c) || (c->is_h1 ? h1_is_abused(c, now) : h2_is_abused(c, now)) ||
            idles_too_long(c, now, draining))
            connection_cut(c);
    }
    if (g.total > BODIES_MAX && g.connection)
        connection_cut(g.connection);
}
