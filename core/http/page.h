// What every page shows whatever it is about: the site, its languages, the form that was refused.
// JSON answers carry the page's own fields only.
#pragma once

#include "http/respond.h"

// An address of this site in another of its languages.
struct str page_url_in(const struct request *r, struct str language, struct str path);
// The same with scheme and host: as they are configured, never as a client said.
struct str page_absolute_url_in(const struct request *r, struct str language, struct str path);
// The site's logo, or our own picture where it has none.
struct str page_icon_url(struct request *r);
