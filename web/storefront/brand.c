// /site.css: the site's own colours as custom properties, after web/styles/README.md.
#include "base/buf.h"
#include "domain/palette.h"
#include "http/respond.h"
#include "web/storefront/pages.h"

enum { CSS_MAX = 4096 };

const struct form brand_form = FORM({.name = "v", .kind = FIELD_TEXT, .max = 20});

static void add_property(
    struct buf *b, struct arena *a, const char *name, struct colour light, struct colour dark)
{
    buf_add_format(
        b, "--%s:light-dark(%s,%s);", name, colour_text(a, light).p, colour_text(a, dark).p);
}

static void add_brand(struct buf *b, struct arena *a, const struct palette *p)
{
    const struct shades *light = &p->light, *dark = &p->dark;
    buf_add_format(b, "--tint-hue:%d;", (int)(p->hue + 0.5) % 360);
    add_property(b, a, "brand", light->ground, dark->ground);
    add_property(b, a, "brand-strong", light->strong, dark->strong);
    add_property(b, a, "on-brand", light->on_ground, dark->on_ground);
    add_property(b, a, "brand-ink", light->ink, dark->ink);
    add_property(b, a, "brand-tint", light->tint, dark->tint);
    add_property(b, a, "brand-line", light->line, dark->line);
}

static void add_accent(struct buf *b, struct arena *a, const struct palette *p)
{
    add_property(b, a, "accent", p->light.ground, p->dark.ground);
    add_property(b, a, "on-accent", p->light.on_ground, p->dark.on_ground);
    add_property(b, a, "accent-ink", p->light.ink, p->dark.ink);
    add_property(b, a, "accent-tint", p->light.tint, p->dark.tint);
}

struct str brand_css(struct arena *a, const struct value *branding)
{
    struct colour colour;
    struct buf b;
    buf_init(&b, a, CSS_MAX);
    buf_add(&b, STR(":root{"));
    if (colour_parse(value_get_str(branding, KEY(brand)), &colour)) {
        struct palette p = palette_of(colour);
        add_brand(&b, a, &p);
    }
    if (colour_parse(value_get_str(branding, KEY(accent)), &colour)) {
        struct palette p = palette_of(colour);
        add_accent(&b, a, &p);
    }
    buf_add(&b, STR("}\n"));
    return buf_str(&b);
}

void on_brand(struct request *r)
{
    struct arena *a = r->arena;
    struct str css = brand_css(a, r->site->branding);
    // Pages name the revision they were made of; what another revision looked like isn't kept.
    struct str now = str_of_i64(a, r->site->revision);
    if (str_eq(form_str(r, KEY(v)), now))
        respond_header(r, "cache-control", STR("public, max-age=31536000, immutable"));
    respond_bytes(r, STR("text/css; charset=utf-8"), css);
}
