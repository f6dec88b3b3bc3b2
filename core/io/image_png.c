#include <png.h>
#include <stdlib.h>

#include "io/image_decode.h"
#include "io/image_shrink.h"
#include "io/offload.h"

enum { PNG_BYTES_MAX = 4 << 20 };

struct work {
    struct str file;
    int width_max, height_max;
    struct pixels pixels;
    uint8_t *bytes; // malloc
    size_t len;
    enum image_result result;
};

static bool fit(struct work *w)
{
    struct pixels *p = &w->pixels, smaller;
    int width = p->width < w->width_max ? p->width : w->width_max;
    int64_t by_height = (int64_t)p->width * w->height_max / p->height;
    if (by_height < width)
        width = by_height < 1 ? 1 : (int)by_height;
    if (width >= p->width)
        return true;
    if (!image_shrink(p, width, &smaller))
        return false;
    free(p->rgba);
    *p = smaller;
    return true;
}

static bool encode(struct work *w)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)w->pixels.width,
        .height = (png_uint_32)w->pixels.height,
        .format = PNG_FORMAT_RGBA};
    png_alloc_size_t len = PNG_IMAGE_PNG_SIZE_MAX(png);
    if (len > PNG_BYTES_MAX || !(w->bytes = malloc(len)))
        return false;
    bool done = png_image_write_to_memory(&png, w->bytes, &len, 0, w->pixels.rgba, 0, NULL);
    w->len = len;
    png_image_free(&png);
    return done;
}

static void run(void *arg)
{
    struct work *w = arg;
    w->result = image_decode(w->file, &w->pixels);
    if (w->result == IMAGE_DONE && (!fit(w) || !encode(w)))
        w->result = IMAGE_BUSY;
    free(w->pixels.rgba);
}

enum image_result image_as_png(
    struct arena *a, struct str file, int width_max, int height_max, struct image_png *out)
{
    struct work w = {.file = file, .width_max = width_max, .height_max = height_max};
    *out = (struct image_png){.width = 0};
    if (!offload(run, &w))
        return IMAGE_BUSY;
    if (w.result == IMAGE_DONE)
        *out =
            (struct image_png){str_dup(a, str_n(w.bytes, w.len)), w.pixels.width, w.pixels.height};
    free(w.bytes);
    return w.result;
}
