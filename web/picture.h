// Addresses of pictures: artwork that comes with a site ("padel-club/hero.svg") and what its staff
// uploaded ("files/HASH", three sizes, domain/file.h). Both never change under their address.
#pragma once

#include "http/request.h"

enum picture_size { PICTURE_SMALL, PICTURE_MIDDLE, PICTURE_LARGE, PICTURE_SIZES };

// Absent when there is no such artwork.
struct str picture_url(const struct request *r, struct str image, enum picture_size size);
// For `srcset`; absent for artwork, which has one size that fits all.
struct str picture_set(const struct request *r, struct str image);
