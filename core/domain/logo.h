// The site's logo for what isn't a page: mails and papers, which read PNG. Only one that the venue
// uploaded is there: the drawings that blueprints come with are SVG, which nothing here draws, and
// the site's name stands in for them. From a fiber; the work is done in the thread pool.
#pragma once

#include "domain/site.h"

struct logo {
    struct str png; // absent: there is none to show
    int width, height;
};

// At most that many pixels wide and high. When the database is away there is none.
struct logo logo_load(struct arena *a, const struct site *site, int width_max, int height_max);
