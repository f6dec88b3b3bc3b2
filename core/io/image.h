// Pictures that strangers send: looked at, decoded, turned upright, made smaller and encoded again
// as WebP, so that nothing of the file itself is ever served (no metadata, no second format hidden
// inside). JPEG, PNG and still WebP are read; their size is known before a pixel is decoded. From a
// fiber; the work is done in the thread pool, one picture at a time in a process.
#pragma once

#include "base/str.h"

enum {
    IMAGE_SIZES = 3,
    IMAGE_SIDE_MAX = 12000,    // pixels
    IMAGE_AREA_MAX = 64000000, // of a JPEG, which is decoded smaller; 24 million of the others
    IMAGE_WIDTH_MIN = 400,
    IMAGE_BYTES_MAX = 40 << 20,
};

enum image_result {
    IMAGE_DONE,
    IMAGE_SVG,     // drawings that may carry scripts
    IMAGE_HEIC,    // what some telephones write
    IMAGE_FOREIGN, // none of the kinds that are read
    IMAGE_LARGE,   // too many pixels, or one side too long
    IMAGE_SMALL,
    IMAGE_BROKEN,
    IMAGE_BUSY, // try again
};

struct image {
    struct str bytes[IMAGE_SIZES]; // WebP, widest first
    int width, height;             // as sent, upright
};

// Widths at most 1600, 800 and 400; never wider than the original. The bytes are the arena's.
enum image_result image_encode(struct arena *a, struct str file, struct image *out);

// One of ours once more, as a PNG no larger than that: for mail programs and papers, which don't
// read WebP. Its shape stays.
struct image_png {
    struct str bytes;
    int width, height;
};
enum image_result image_as_png(
    struct arena *a, struct str file, int width_max, int height_max, struct image_png *out);
