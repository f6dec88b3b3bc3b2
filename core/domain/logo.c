#include "domain/logo.h"

#include "domain/media.h"
#include "io/image.h"

struct logo logo_load(struct arena *a, const struct site *site, int width_max, int height_max)
{
    struct str file = value_get_str(site->branding, KEY(logo));
    struct media media;
    struct image_png png;
    if (!str_starts(file, STR("files/")))
        return (struct logo){.width = 0};
    struct str name = str_join(a, str_sub(file, 6, file.len), STR("-s.webp"), STR_NULL);
    if (media_load(a, site->tenant, name, &media) != MEDIA_DONE || !media.bytes.len ||
        image_as_png(a, media.bytes, width_max, height_max, &png) != IMAGE_DONE)
        return (struct logo){.width = 0};
    return (struct logo){png.bytes, png.width, png.height};
}
