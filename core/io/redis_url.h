// The address of a Redis server as the operator writes it. Pure.
#pragma once

#include "base/str.h"

struct redis_url {
    char path[104]; // of a Unix socket; empty for TCP
    char host[256];
    int port;
    char user[128], password[256]; // empty when absent
    int database;
};

// `unix:///path` or `redis://[[user]:password@]host[:port][/database]`; %XX in user and password.
bool redis_url_parse(struct str url, struct redis_url *out);
