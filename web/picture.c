#include "web/picture.h"

#include "http/asset.h"
#include "http/respond.h"

static const struct {
    const char *tail, *width;
} sizes[PICTURE_SIZES] = {{"-s.webp", " 400w"}, {"-m.webp", " 800w"}, {"-l.webp", " 1600w"}};

static bool is_uploaded(struct str image)
{
    return str_starts(image, STR("files/"));
}

struct str picture_url(const struct request *r, struct str image, enum picture_size size)
{
    if (!image.len)
        return STR_NULL;
    if (is_uploaded(image))
        return str_join(r->arena, STR("/"), image, str_of(sizes[size].tail), STR_NULL);
    return asset_url(respond_parts()->assets, str_join(r->arena, STR("art/"), image, STR_NULL));
}

struct str picture_set(const struct request *r, struct str image)
{
    if (!is_uploaded(image))
        return STR_NULL;
    struct buf b;
    buf_init(&b, r->arena, 1024);
    for (int i = 0; i < PICTURE_SIZES; i++) {
        if (i)
            buf_add(&b, STR(", "));
        buf_add(&b, picture_url(r, image, (enum picture_size)i));
        buf_add(&b, str_of(sizes[i].width));
    }
    return buf_str(&b);
}
