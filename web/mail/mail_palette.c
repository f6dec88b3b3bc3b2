// Colours of mails: mail programs read no stylesheet, so the site's palette is written into each.
#include "domain/palette.h"
#include "web/mail/mail.h"

// Neutrals that lean towards the site's hue, as web/styles/layers/tokens.css has them.
static struct str neutral(struct arena *a, double lightness, double chroma, double hue)
{
    return colour_text(a, colour_of((struct oklch){lightness, chroma, hue}));
}

static void add_fonts(struct arena *a, struct value *v, struct str pairing)
{
    bool serif = str_is(pairing, "editorial") || str_is(pairing, "humanist");
    value_set_str(a, v, KEY(font_display),
        serif ? STR("Georgia, 'Times New Roman', serif") : STR("'Segoe UI', Arial, sans-serif"));
    value_set_str(a, v, KEY(font_text), STR("'Segoe UI', Helvetica, Arial, sans-serif"));
}

struct value *mail_palette(struct arena *a, const struct site *site)
{
    struct value *v = value_object(a);
    struct colour brand = {0x33, 0x33, 0x33};
    colour_parse(value_get_str(site->branding, KEY(brand)), &brand);
    struct palette p = palette_of(brand);
    bool sharp = str_is(value_get_str(site->branding, KEY(corners)), "sharp");
    value_set_str(a, v, KEY(brand), colour_text(a, p.light.ground));
    value_set_str(a, v, KEY(on_brand), colour_text(a, p.light.on_ground));
    value_set_str(a, v, KEY(link), colour_text(a, p.light.ink));
    value_set_str(a, v, KEY(link_dark), colour_text(a, p.dark.ink));
    value_set_str(a, v, KEY(paper), neutral(a, 0.959, 0.007, p.hue));
    value_set_str(a, v, KEY(ink), neutral(a, 0.23, 0.014, p.hue));
    value_set_str(a, v, KEY(muted), neutral(a, 0.46, 0.015, p.hue));
    value_set_str(a, v, KEY(line), neutral(a, 0.905, 0.009, p.hue));
    value_set_str(a, v, KEY(radius), sharp ? STR("2px") : STR("10px"));
    add_fonts(a, v, value_get_str(site->branding, KEY(fonts)));
    return v;
}
