// gzip for what travels: quick for an answer made for one reader, thorough for one that is kept.
#pragma once

#include "base/str.h"

enum { COMPRESS_FAST = 1, COMPRESS_KEPT = 6 };

// Text of some kind.
bool compress_suits(struct str content_type);
// Absent when it wouldn't get smaller.
struct str compress_gzip(struct arena *a, struct str s, int level);
