// What a network address is. A site's settings may make the server talk to public ones only:
// private, loopback, link-local, shared, documentation, multicast and translated forms are not.
#pragma once

#include <sys/socket.h>

#include "base/str.h"

bool address_is_public(const struct sockaddr *address);
// Of this machine only: 127.0.0.0/8 and ::1.
bool address_is_own(const struct sockaddr *address);
bool address_is_loopback(const char *host);
bool address_is_valid(struct str text);
// Who counts as one: an IPv4 address, the /64 of an IPv6 address, which one line has; other text as
// it is.
struct str address_network(struct arena *a, struct str text);
