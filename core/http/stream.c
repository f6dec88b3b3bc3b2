#include "http/stream.h"

#include "base/check.h"
#include "base/clock.h"
#include "http/exchange.h"
#include "http/respond.h"
#include "io/fiber.h"

// How long a piece may wait for its client; pieces are some 100 KB.
enum { STREAMS_MAX = 32, TAKE_MAX_MS = 60000 };

// What libh2o holds, in the memory of its request; the stream itself is the fiber's.
struct source {
    h2o_generator_t generator;
    struct stream *stream;
};

struct stream {
    struct wait taken;
    uint64_t sent;
};

static int streams;

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    wait_done(&((struct source *)generator)->stream->taken);
}

void stream_left(struct stream *s)
{
    wait_done(&s->taken);
}

static bool is_head(const struct request *r)
{
    return str_is(r->method_name, "HEAD");
}

bool stream_begin(struct request *r, struct str type, int64_t length)
{
    check(!r->stream);
    if (streams >= STREAMS_MAX) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    respond_bytes(r, type, STR(""));
    respond_header(r, "cache-control", STR("no-store"));
    h2o_req_t *req = exchange_req(r);
    if (!req || is_head(r))
        return false;
    struct stream *s = r->stream = arena_new_object(r->arena, struct stream);
    struct source *source = h2o_mem_alloc_pool(&req->pool, sizeof *source);
    *source = (struct source){.generator.proceed = on_proceed, .stream = s};
    streams++;
    exchange_put_head(req, r);
    req->res.content_length = length < 0 ? SIZE_MAX : (size_t)length;
    h2o_start_response(req, &source->generator);
    return true;
}

// libh2o borrows the bytes until it says that they are gone, or that its request is.
static bool wait_until_taken(struct request *r)
{
    struct stream *s = r->stream;
    int64_t most_ms = TAKE_MAX_MS / exchange_haste();
    fiber_set_deadline(clock_mono_ms() + most_ms);
    if (!fiber_wait(&s->taken, most_ms)) {
        exchange_cut(r);
        check(fiber_wait(&s->taken, -1));
    }
    fiber_set_deadline(clock_mono_ms() + REQUEST_MAX_MS);
    return exchange_req(r);
}

bool stream_send(struct request *r, struct str bytes)
{
    h2o_req_t *req = exchange_req(r);
    if (!r->stream || !req || !bytes.len)
        return req != NULL;
    h2o_iovec_t piece = h2o_iovec_init(bytes.p, bytes.len);
    r->stream->taken = (struct wait){0};
    r->stream->sent += bytes.len;
    h2o_send(req, &piece, 1, H2O_SEND_STATE_IN_PROGRESS);
    return wait_until_taken(r);
}

bool stream_parts(struct request *r, int64_t size,
    struct str (*part)(struct arena *a, const void *of, int64_t number), const void *of)
{
    struct arena *a = arena_new();
    bool ok = true;
    int64_t sent = 0;
    for (int64_t number = 0; ok && sent < size; number++) {
        struct str bytes = part(a, of, number);
        ok = bytes.len && stream_send(r, bytes);
        sent += (int64_t)bytes.len;
        arena_reset(a);
    }
    arena_free(a);
    return ok;
}

void stream_end(struct request *r, bool whole)
{
    h2o_req_t *req = exchange_req(r);
    if (!r->stream)
        return;
    streams--;
    if (!req)
        return;
    // Who got everything hasn't cancelled anything (connection.c).
    if (whole)
        req->res.content_length = r->stream->sent;
    h2o_send(req, NULL, 0, whole ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_ERROR);
}
