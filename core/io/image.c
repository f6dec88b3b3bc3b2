#include "io/image.h"

#include <stdlib.h>
#include <webp/encode.h>

#include "io/fiber.h"
#include "io/image_decode.h"
#include "io/image_shrink.h"
#include "io/offload.h"

enum { QUALITY = 80, WAITS_MAX = 40, WAIT_MS = 250 };

static const int widths[IMAGE_SIZES] = {1600, 800, 400};

struct work {
    struct str file;
    enum image_result result;
    int width, height;
    uint8_t *bytes[IMAGE_SIZES]; // malloc
    size_t len[IMAGE_SIZES];
};

// Where the pixel (x, y) of the upright picture stands in the stored one (Exif 2.32, 4.6.4).
static size_t place_of(const struct pixels *p, int x, int y)
{
    int w = p->width, h = p->height, sx = x, sy = y;
    switch (p->orientation) {
    case 2:
        sx = w - 1 - x;
        break;
    case 3:
        sx = w - 1 - x;
        sy = h - 1 - y;
        break;
    case 4:
        sy = h - 1 - y;
        break;
    case 5:
        sx = y;
        sy = x;
        break;
    case 6:
        sx = y;
        sy = h - 1 - x;
        break;
    case 7:
        sx = w - 1 - y;
        sy = h - 1 - x;
        break;
    case 8:
        sx = w - 1 - y;
        sy = x;
        break;
    default:
        break;
    }
    return ((size_t)sy * (size_t)w + (size_t)sx) * 4;
}

static bool turn_upright(struct pixels *p)
{
    if (p->orientation == 1)
        return true;
    bool turned = p->orientation >= 5;
    int w = turned ? p->height : p->width, h = turned ? p->width : p->height;
    uint8_t *upright = malloc((size_t)w * (size_t)h * 4);
    if (!upright)
        return false;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            memcpy(
                upright + ((size_t)y * (size_t)w + (size_t)x) * 4, p->rgba + place_of(p, x, y), 4);
    free(p->rgba);
    *p = (struct pixels){upright, w, h, 1};
    return true;
}

static bool encode(struct work *w, int i, const struct pixels *p)
{
    uint8_t *bytes = NULL;
    size_t len = WebPEncodeRGBA(p->rgba, p->width, p->height, p->width * 4, QUALITY, &bytes);
    if (len && (w->bytes[i] = malloc(len))) {
        memcpy(w->bytes[i], bytes, len);
        w->len[i] = len;
    }
    WebPFree(bytes);
    return w->bytes[i] != NULL;
}

// Each size is made of the one before.
static bool make_sizes(struct work *w, struct pixels *p)
{
    for (int i = 0; i < IMAGE_SIZES; i++) {
        if (p->width > widths[i]) {
            struct pixels smaller;
            if (!image_shrink(p, widths[i], &smaller))
                return false;
            free(p->rgba);
            *p = smaller;
        }
        if (!encode(w, i, p))
            return false;
    }
    return true;
}

static void run(void *arg)
{
    struct work *w = arg;
    struct pixels p;
    w->result = image_decode(w->file, &p);
    if (w->result == IMAGE_DONE) {
        bool ok = turn_upright(&p);
        w->width = p.width;
        w->height = p.height;
        if (!ok || !make_sizes(w, &p))
            w->result = IMAGE_BUSY;
    }
    free(p.rgba);
}

enum image_result image_encode(struct arena *a, struct str file, struct image *out)
{
    static bool at_work; // fibers of one loop ask, so a plain flag will do
    struct work w = {.file = file};
    for (int i = 0; at_work && i < WAITS_MAX; i++)
        fiber_sleep(WAIT_MS);
    if (at_work)
        return IMAGE_BUSY;
    at_work = true;
    if (!offload(run, &w))
        w.result = IMAGE_BUSY;
    at_work = false;
    *out = (struct image){.width = w.width, .height = w.height};
    for (int i = 0; i < IMAGE_SIZES; i++) {
        if (w.bytes[i])
            out->bytes[i] = str_dup(a, str_n(w.bytes[i], w.len[i]));
        free(w.bytes[i]);
    }
    return w.result;
}
