// The decoders behind image.h: pixels as RGBA, 8 bits each. Run in a thread of the pool.
#pragma once

#include "io/image.h"

struct pixels {
    uint8_t *rgba; // malloc; freed by whoever has it
    int width, height;
    int orientation; // EXIF: 1 is upright
};

enum image_result image_decode(struct str file, struct pixels *out);
