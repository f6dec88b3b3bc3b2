#include "io/redis.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <hiredis/async.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"
#include "io/redis_url.h"

enum {
    CONNECT_DEADLINE_MS = 1000,
    RETRY_FIRST_MS = 50,
    RETRY_MAX_MS = 2000,
    STUCK_MS = 1000, // a server that stops answering is treated as gone
    SUBSCRIPTIONS_MAX = 8,
    OUTPUT_MAX = 32 << 20,
};

// One connection and its way back after a loss.
struct link {
    const char *name;
    redisAsyncContext *context; // NULL between attempts
    struct watch *watch;
    struct timer timer; // the pause before the next attempt, or the deadline of this one
    void (*on_up)(struct link *);
    int failures, pending;
    int64_t silent_since_ms; // when the oldest unanswered command was sent, or the last answer
    bool up, reading, dirty, writing;
};

struct subscription {
    const char *channel;
    void (*on_message)(struct str message);
};

// Outlives the fiber that gave up waiting; freed by the answer.
struct command {
    struct wait wait;
    struct arena *arena;
    struct str *text;
    int64_t *number;
    enum redis_result result;
    bool abandoned;
};

static void subscribe_all(struct link *l);

static struct {
    struct redis_url url;
    bool running;
    struct link commands, channels;
    struct subscription subscriptions[SUBSCRIPTIONS_MAX];
    int subscription_count;
} redis = {
    .commands = {.name = "commands"},
    .channels = {.name = "channels", .on_up = subscribe_all},
};

static void link_open(struct link *l);

static struct link *link_of_timer(struct timer *t)
{
    return (struct link *)((char *)t - offsetof(struct link, timer));
}

static void on_retry(struct timer *t)
{
    link_open(link_of_timer(t));
}

static void link_retry(struct link *l)
{
    if (!redis.running)
        return;
    int64_t pause = RETRY_FIRST_MS << (l->failures < 6 ? l->failures : 6);
    unsigned char random;
    id_random_bytes(&random, 1);
    pause = pause > RETRY_MAX_MS ? RETRY_MAX_MS : pause;
    // Half to one and a half of it, so that the workers don't come back in step.
    timer_start(&l->timer, pause / 2 + pause * random / 255, on_retry);
    l->failures++;
}

static void link_lost(struct link *l, const char *why)
{
    if (redis.running && l->failures == 0)
        log_warn("redis lost", "connection", str_of(l->name), "error", str_of(why));
    l->context = NULL;
    l->up = l->dirty = false;
    link_retry(l);
}

static void link_drop(struct link *l, const char *why)
{
    redisAsyncContext *context = l->context;
    if (!context)
        return;
    context->data = NULL; // its callbacks no longer speak for the link
    l->up = false;
    redisAsyncFree(context);
    link_lost(l, why);
}

static void on_connect_late(struct timer *t)
{
    link_drop(link_of_timer(t), "no answer");
}

static void link_answered(struct link *l)
{
    l->pending--;
    l->silent_since_ms = clock_mono_ms();
}

static void on_setup(redisAsyncContext *context, void *answer, void *unused)
{
    struct link *l = context->data;
    redisReply *reply = answer;
    (void)unused;
    if (l && reply && reply->type == REDIS_REPLY_ERROR)
        link_drop(l, reply->str);
}

// The answer to the first PING: a socket may accept while nobody serves it.
static void on_pong(redisAsyncContext *context, void *answer, void *unused)
{
    struct link *l = context->data;
    redisReply *reply = answer;
    (void)unused;
    if (!l || !reply)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        link_drop(l, reply->str);
        return;
    }
    timer_stop(&l->timer);
    l->up = true;
    l->failures = 0;
    log_info("redis connected", "connection", str_of(l->name));
    if (l->on_up)
        l->on_up(l);
}

static void on_connect(const redisAsyncContext *context, int status)
{
    if (status != REDIS_OK && context->data)
        link_lost(context->data, context->errstr);
}

static void on_disconnect(const redisAsyncContext *context, int status)
{
    (void)status;
    if (context->data)
        link_lost(context->data, context->errstr ? context->errstr : "closed");
}

static void link_write(struct link *l)
{
    l->dirty = false;
    l->writing = true;
    redisAsyncHandleWrite(l->context);
    l->writing = false;
}

static void on_readable(void *owner)
{
    struct link *l = owner;
    if (l->context)
        redisAsyncHandleRead(l->context);
}

static void on_writable(void *owner)
{
    struct link *l = owner;
    if (l->context)
        link_write(l);
}

static void want_read(void *owner)
{
    struct link *l = owner;
    if (!l->reading)
        watch_read(l->watch, true);
    l->reading = true;
}

// Waits for the socket only while connecting and when it took less than was offered; otherwise the
// bytes leave with the whole turn's.
static void want_write(void *owner)
{
    struct link *l = owner;
    bool connected = l->context && l->context->c.flags & REDIS_CONNECTED;
    if (connected && !l->writing)
        l->dirty = true;
    else
        watch_write(l->watch);
}

static void clean_up(void *owner)
{
    struct link *l = owner;
    watch_free(l->watch);
    l->watch = NULL;
    l->reading = false;
}

static void introduce(redisAsyncContext *context)
{
    const struct redis_url *url = &redis.url;
    if (url->user[0])
        redisAsyncCommand(context, on_setup, NULL, "AUTH %s %s", url->user, url->password);
    else if (url->password[0])
        redisAsyncCommand(context, on_setup, NULL, "AUTH %s", url->password);
    if (url->database)
        redisAsyncCommand(context, on_setup, NULL, "SELECT %d", url->database);
    redisAsyncCommand(context, on_pong, NULL, "PING");
}

static void link_connect(struct link *l, const char *host)
{
    static const struct watch_handler handler = {on_readable, on_writable};
    redisAsyncContext *context =
        host ? redisAsyncConnect(host, redis.url.port) : redisAsyncConnectUnix(redis.url.path);
    check(context);
    if (context->err || !(l->watch = watch_new(context->c.fd, &handler, l))) {
        char why[128];
        strncpy(why, context->errstr ? context->errstr : "no descriptor", sizeof why - 1);
        why[sizeof why - 1] = 0;
        redisAsyncFree(context);
        link_lost(l, why);
        return;
    }
    l->context = context;
    l->pending = 0;
    context->data = l;
    context->ev.data = l;
    context->ev.addRead = want_read;
    context->ev.addWrite = want_write;
    context->ev.cleanup = clean_up;
    redisAsyncSetConnectCallback(context, on_connect);
    redisAsyncSetDisconnectCallback(context, on_disconnect);
    if (host)
        redisEnableKeepAlive(&context->c);
    timer_start(&l->timer, CONNECT_DEADLINE_MS, on_connect_late);
    introduce(context);
}

struct lookup {
    const char *host;
    int flags;
    char numeric[NI_MAXHOST];
    bool found;
};

static void look_up(void *arg)
{
    struct lookup *l = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = l->flags}, *list = NULL;
    if (getaddrinfo(l->host, NULL, &hints, &list) == 0)
        l->found = getnameinfo(list->ai_addr, list->ai_addrlen, l->numeric, sizeof l->numeric, NULL,
                       0, NI_NUMERICHOST) == 0;
    if (list)
        freeaddrinfo(list);
}

static void resolve_and_connect(void *arg)
{
    struct link *l = arg;
    struct lookup lookup = {.host = redis.url.host};
    bool ran = offload(look_up, &lookup);
    if (!redis.running)
        return;
    if (ran && lookup.found)
        link_connect(l, lookup.numeric);
    else
        link_lost(l, "no such host");
}

static void link_open(struct link *l)
{
    if (redis.url.path[0]) {
        link_connect(l, NULL);
        return;
    }
    struct lookup numeric = {.host = redis.url.host, .flags = AI_NUMERICHOST};
    look_up(&numeric);
    if (numeric.found)
        link_connect(l, numeric.numeric);
    else if (!fiber_start(resolve_and_connect, l, NULL))
        link_lost(l, "too many fibers");
}

bool redis_init(struct str url)
{
    if (!redis_url_parse(url, &redis.url))
        return false;
    redis.running = true;
    link_open(&redis.commands);
    link_open(&redis.channels);
    return true;
}

static void link_close(struct link *l)
{
    timer_stop(&l->timer);
    link_drop(l, "closing");
    l->failures = 0;
}

void redis_fini(void)
{
    redis.running = false;
    link_close(&redis.commands);
    link_close(&redis.channels);
    redis.subscription_count = 0;
}

static void link_flush(struct link *l)
{
    if (l->dirty && l->context)
        link_write(l);
}

void redis_flush(void)
{
    link_flush(&redis.commands);
    link_flush(&redis.channels);
}

bool redis_up(void)
{
    return redis.commands.up;
}

static void take_answer(struct command *c, const redisReply *reply)
{
    if (!reply) {
        c->result = REDIS_DOWN;
    } else if (reply->type == REDIS_REPLY_NIL) {
        c->result = REDIS_ABSENT;
    } else if (reply->type == REDIS_REPLY_STRING && c->text && reply->len <= REDIS_VALUE_MAX) {
        *c->text = str_dup(c->arena, str_n(reply->str, (size_t)reply->len));
        c->result = REDIS_DONE;
    } else if (reply->type == REDIS_REPLY_INTEGER && c->number) {
        *c->number = reply->integer;
        c->result = REDIS_DONE;
    } else {
        c->result = REDIS_REFUSED;
    }
}

static void on_answer(redisAsyncContext *context, void *answer, void *private_data)
{
    struct link *l = context->data;
    struct command *c = private_data;
    redisReply *reply = answer;
    if (l)
        link_answered(l);
    if (reply && reply->type == REDIS_REPLY_ERROR)
        log_warn("redis refused a command", "error", str_n(reply->str, (size_t)reply->len));
    if (!c)
        return;
    if (c->abandoned) {
        free(c);
        return;
    }
    take_answer(c, reply);
    wait_done(&c->wait);
}

// The words of a command, as hiredis takes them.
struct words {
    const char *p[8];
    size_t len[8];
    int count;
};

static void add_word(struct words *w, struct str s)
{
    check(w->count < 8);
    w->p[w->count] = s.p ? s.p : "";
    w->len[w->count++] = s.len;
}

static enum redis_result submit(const struct words *w, struct command *c)
{
    struct link *l = &redis.commands;
    if (!l->up)
        return REDIS_DOWN;
    int64_t now = clock_mono_ms();
    if (l->pending && now - l->silent_since_ms > STUCK_MS) {
        link_drop(l, "stopped answering");
        return REDIS_DOWN;
    }
    if (l->pending >= REDIS_PENDING_MAX || sdslen(l->context->c.obuf) > OUTPUT_MAX)
        return REDIS_FULL;
    if (!l->pending)
        l->silent_since_ms = now;
    if (redisAsyncCommandArgv(l->context, on_answer, c, w->count, (const char **)w->p, w->len) !=
        REDIS_OK)
        return REDIS_DOWN;
    l->pending++;
    return REDIS_DONE;
}

static enum redis_result ask(const struct words *w, struct command want)
{
    struct command *c = malloc(sizeof *c);
    check(c && fiber_self());
    *c = want;
    enum redis_result result = submit(w, c);
    if (result == REDIS_DONE) {
        if (!fiber_wait(&c->wait, REDIS_DEADLINE_MS)) {
            c->abandoned = true;
            return REDIS_LATE;
        }
        result = c->result;
    }
    free(c);
    return result;
}

enum redis_result redis_get(struct arena *a, struct str key, struct str *value)
{
    struct words w = {0};
    add_word(&w, STR("GET"));
    add_word(&w, key);
    return ask(&w, (struct command){.arena = a, .text = value});
}

static struct str digits(char room[24], int64_t n)
{
    return str_n(room, (size_t)snprintf(room, 24, "%lld", (long long)n));
}

enum redis_result redis_count(struct str key, int64_t add, int64_t window_ms, int64_t *count)
{
    // One step on the server: a counter without an end can't stay behind.
    static const struct str script =
        STR("local n = redis.call('INCRBY', KEYS[1], ARGV[1]) "
            "if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
            "return n");
    char added[24], room[24];
    struct words w = {0};
    add_word(&w, STR("EVAL"));
    add_word(&w, script);
    add_word(&w, STR("1"));
    add_word(&w, key);
    add_word(&w, digits(added, add));
    add_word(&w, digits(room, window_ms));
    return ask(&w, (struct command){.number = count});
}

enum redis_result redis_set(struct str key, struct str value, int64_t ttl_ms)
{
    if (value.len > REDIS_VALUE_MAX)
        return REDIS_REFUSED;
    char room[24];
    struct words w = {0};
    add_word(&w, STR("SET"));
    add_word(&w, key);
    add_word(&w, value);
    add_word(&w, STR("PX"));
    add_word(&w, digits(room, ttl_ms > 0 ? ttl_ms : 1));
    return submit(&w, NULL);
}

enum redis_result redis_delete(struct str key)
{
    struct words w = {0};
    add_word(&w, STR("DEL"));
    add_word(&w, key);
    return submit(&w, NULL);
}

enum redis_result redis_publish(struct str channel, struct str message)
{
    struct words w = {0};
    add_word(&w, STR("PUBLISH"));
    add_word(&w, channel);
    add_word(&w, message);
    return submit(&w, NULL);
}

static void on_channel(redisAsyncContext *context, void *answer, void *private_data)
{
    const struct subscription *s = private_data;
    const redisReply *reply = answer;
    if (!context->data || !reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
        return;
    struct str kind = str_of(reply->element[0]->str);
    const redisReply *payload = reply->element[2];
    if (str_is(kind, "subscribe"))
        s->on_message(STR_NULL);
    else if (str_is(kind, "message") && payload->type == REDIS_REPLY_STRING)
        s->on_message(str_n(payload->str, (size_t)payload->len));
}

static void subscribe(struct link *l, const struct subscription *s)
{
    redisAsyncCommand(l->context, on_channel, (void *)s, "SUBSCRIBE %s", s->channel);
}

static void subscribe_all(struct link *l)
{
    for (int i = 0; i < redis.subscription_count; i++)
        subscribe(l, &redis.subscriptions[i]);
}

void redis_subscribe(const char *channel, void (*on_message)(struct str message))
{
    check(redis.subscription_count < SUBSCRIPTIONS_MAX);
    struct subscription *s = &redis.subscriptions[redis.subscription_count++];
    *s = (struct subscription){channel, on_message};
    if (redis.channels.up)
        subscribe(&redis.channels, s);
}
