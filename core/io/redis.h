// Redis for what can be lost: second-level cache, volume limits, spreading of revisions. One
// connection for commands and one for subscriptions per process, both on the loop; they reconnect
// by themselves with growing pauses. While Redis is away every call answers REDIS_DOWN at once, so
// losing it costs speed only. Commands of one loop turn leave in one write: call redis_flush()
// once a turn, after the fibers.
#pragma once

#include "base/str.h"

enum redis_result {
    REDIS_DONE,
    REDIS_ABSENT,  // no such key
    REDIS_DOWN,    // not connected, or the connection broke before the answer
    REDIS_LATE,    // no answer within REDIS_DEADLINE_MS; it may still have happened
    REDIS_FULL,    // too many commands are waiting
    REDIS_REFUSED, // Redis answered with an error (logged)
};

enum { REDIS_DEADLINE_MS = 100, REDIS_VALUE_MAX = 4 << 20, REDIS_PENDING_MAX = 8192 };

// `unix:///path/of/socket` or `redis://[[user]:password@]host[:port][/database]`. Starts to connect
// and returns; false, and nothing starts, when the address can't be understood. Without redis_init
// every call answers REDIS_DOWN. Host names are resolved in the thread pool.
bool redis_init(struct str url);
// Closes both connections; whoever waits gets REDIS_DOWN.
void redis_fini(void);
// Sends what was queued in this turn.
void redis_flush(void);
// Whether commands would be taken now.
bool redis_up(void);

// From a fiber. On REDIS_DONE `*value` is a copy in the arena.
enum redis_result redis_get(struct arena *a, struct str key, struct str *value);
// From a fiber. Adds to a counter that ends `window_ms` after its first addition; `*count` is the
// new number. Less than nothing takes back.
enum redis_result redis_count(struct str key, int64_t add, int64_t window_ms, int64_t *count);

// From anywhere; these don't wait. REDIS_DONE means handed to the connection, in order with what
// the same process sends before and after.
enum redis_result redis_set(struct str key, struct str value, int64_t ttl_ms);
enum redis_result redis_delete(struct str key);
enum redis_result redis_publish(struct str channel, struct str message);

// Calls `on_message` on the loop for each message, and with STR_NULL each time the subscription
// starts or starts again: messages before that moment may have been missed. Literal channel names;
// at most 8 subscriptions in a process.
void redis_subscribe(const char *channel, void (*on_message)(struct str message));
