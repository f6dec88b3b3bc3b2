// The HTTP server of a worker: libh2o on the loop, one fiber a request. It owns connections and
// their limits; what a request means is decided by `serve`, given at start. The client may leave
// at any time: the fiber finishes and its answer is dropped.
#pragma once

#include "http/request.h"

enum {
    BODY_MAX = 8 << 20,     // larger uploads go in parts
    REQUEST_MAX_MS = 15000, // every wait of a request ends by then
    SPARE_FIBERS = 64,      // kept for the process's own duties
};

// What the quick look into memory needs, borrowed from the connection.
struct server_lookup {
    struct str authority, path, if_none_match, accept_language;
    bool is_personal, accepts_gzip, wants_json;
};

// An answer from memory. `release(owner)`, where there is one, is called once when the bytes were
// sent.
struct cached_answer {
    int status; // 0: not there
    struct str type, etag, encoding, body;
    struct str caching, vary, policy; // Cache-Control, Vary, Content-Security-Policy
    void (*release)(void *owner);
    void *owner;
};

struct server_config {
    int listen_fd;                         // the server's from now on
    const char *tls_certificate, *tls_key; // NULL: plain
    struct str trusted_proxies;            // addresses separated by commas
    // Runs in the request's fiber and fills r->response.
    void (*serve)(struct request *r);
    // Runs on the loop before a fiber is made; true when it answered from memory.
    struct cached_answer (*find)(const struct server_lookup *lookup);
    bool access_log;
    int haste; // divides the limits of time that clients have; 1, except in tests
};

bool server_start(const struct server_config *config);
// From now on it accepts; the kernel has kept those who came before.
void server_listen(void);
// Once a turn.
void server_turn(void);
// Stops accepting, lets what runs finish; server_drained() turns true when nothing is left.
void server_drain(void);
bool server_draining(void);
bool server_drained(void);
