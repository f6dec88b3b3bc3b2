// Which network addresses a site's settings may make the server talk to: public ones. Private,
// loopback, link-local, shared, documentation, multicast and translated forms of these are not.
#pragma once

#include <stdbool.h>

#include <sys/socket.h>

bool address_is_public(const struct sockaddr *address);
bool address_is_loopback(const char *host);
