// Whole answers that are the same for everybody, kept with their compressed form. Found on the loop
// before a fiber is made. An answer gets in only when its request had no session, its route says it
// is shareable and its handler set nothing private; it leaves when the site's revision rises.
#pragma once

#include "http/route.h"
#include "http/server.h"

// How long pages may be served from memory without hearing from the database.
enum { PAGE_CACHE_SILENCE_MS = 60000 };
void page_cache_init(int64_t longest_silence_ms);

// For server_config.find.
struct cached_answer page_cache_find(const struct server_lookup *lookup);

// In the request's fiber: fills r->response from memory, or gives a claim to be ended with
// page_cache_keep after the handler ran.
struct cache_claim;
bool page_cache_answer(struct request *r, struct cache_claim **claim);
void page_cache_keep(struct request *r, struct cache_claim *claim);
