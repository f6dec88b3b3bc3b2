// The platform's own pages: what Vitrine is, and sign-up (P1).
#pragma once

#include "domain/site.h"
#include "http/route.h"

void platform_start(void);
void platform_signup_start(void);
void platform_welcome_start(void);

// A kind of venue that one can sign up with: its blueprint, read when the process starts.
struct platform_kind {
    struct str name;
    const struct value *content;
};
size_t platform_kinds(const struct platform_kind **kinds);
// NULL when there is no such kind.
const struct platform_kind *platform_kind_find(struct str name);
// In the reader's language; the name itself when there is no such kind.
struct str platform_kind_title(struct request *r, struct str name);
// For forms and cards; `chosen` is checked.
struct value *platform_kind_list(struct request *r, struct str chosen);

// "vitrine.example:8080", which sites' names stand before.
struct str platform_host_shown(struct request *r);
// "name.vitrine.example:8080", and with the scheme before it.
struct str platform_site_host(struct request *r, struct str slug);
struct str platform_site_url(struct request *r, struct str slug, const char *path);
// The large picture of a site or a blueprint, or absent.
struct str platform_picture(struct request *r, struct str file);
// Signed, for a day: what the owner sees after signing up.
struct str platform_welcome_path(struct request *r, struct str slug);
