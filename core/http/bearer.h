// The token that a program brings in place of a session (Authorization: Bearer, RFC 6750). It acts
// in the back office of its own site with the rights that its scopes name, as long as whoever made
// it has them too; it gets JSON unless it asks for a page, needs no form token and gets no cookie.
// Its requests are counted: the answers say how many are left.
#pragma once

#include "http/request.h"

// Whether the request brings one, be it good or not.
bool bearer_is(const struct request *r);
// Fills r->session and r->token. False, and answered: unknown here or over (401), too many requests
// (429), or the database is away (503).
bool bearer_admit(struct request *r);
// Whether it may use r->route. False, and answered (403).
bool bearer_may(struct request *r);
