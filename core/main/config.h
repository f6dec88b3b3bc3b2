// The environment of the program: VITRINE_* variables, read and checked once. A wrong value is
// refused by name before anything starts.
#pragma once

#include "base/str.h"

enum { CONFIG_WORKERS_MAX = 64 };

struct config {
    const char *home;  // the source tree: web, plugins, tenants, build/assets
    const char *state; // keys, outbox, control socket
    struct str host;   // of the platform
    struct str listen_address;
    int listen_port;
    const char *database_url, *database_platform_url, *database_owner_url;
    const char *redis_url, *smtp_url, *text_url; // NULL: not set
    const char *tls_certificate, *tls_key;
    const char *trace_file;
    struct str trusted_proxies;
    int workers;
    int holds_per_address; // places at a site in ten minutes; 0: any number
    bool access_log;
    bool webhooks_to_self;  // for development: a site's webhooks may lead to this machine
    struct str public_port; // ":8080", what links carry when they are made outside a request
    bool public_https;
    int haste; // what clients' time limits are divided by; only test builds set it
};

// Fills it from the environment; false after saying on standard error what is wrong, by name.
bool config_read(struct arena *a, struct config *out);
