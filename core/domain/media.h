// Files of a site: pictures that were encoded again, in the database, so that every node serves
// them and they travel with the site. Named by their content, they never change.
#pragma once

#include "data/db.h"

#define MEDIA_SITE_MAX INT64_C(1000000000) // bytes of a site

struct media {
    struct str kind, bytes;
};

enum media_result { MEDIA_DONE, MEDIA_FULL, MEDIA_UNAVAILABLE };

// The three sizes of a picture, widest first; `*image` becomes "files/HASH", its name in an offer.
// Makes room first: what nothing shows any more is forgotten after 90 days.
enum media_result media_save_picture(
    struct arena *a, int64_t tenant, const struct str bytes[3], struct str *image);
// MEDIA_DONE with absent bytes: there is no such file.
enum media_result media_load(struct arena *a, int64_t tenant, struct str name, struct media *out);
