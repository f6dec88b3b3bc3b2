// The pages: every surface adds its routes, its common view and its job handlers here.
#pragma once

#include "base/str.h"

struct web_config {
    struct str home, state;
    // How links look that are made outside a request.
    struct str public_port;
    bool public_https;
    struct str smtp_url;   // absent: mails go to the outbox folder
    struct str text_url;   // the gateway of text messages; absent: to the outbox folder as well
    int holds_per_address; // places that one client may hold at a site in ten minutes; 0: any
    bool webhooks_to_self; // endpoints on this machine are allowed
    int haste;             // what time limits of tests are divided by
};

// Reads the words of the core's own mails; before the start, from the source tree.
struct source_error;
bool web_load(struct arena *a, const char *home, struct source_error *e);
void web_start(const struct web_config *config);
const struct web_config *web_config(void);
