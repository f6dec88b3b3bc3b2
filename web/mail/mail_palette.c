// Colours and type of mails: mail programs read no stylesheet, so what web/styles/layers/tokens.css
// and /site.css say of a site is written into each. Nothing is loaded: who has the site's fonts
// sees them, others the nearest that their machine has.
#include "domain/palette.h"
#include "web/mail/mail.h"

// Neutrals that lean towards the site's hue.
static struct str neutral(struct arena *a, double lightness, double chroma, double hue)
{
    return colour_text(a, colour_of((struct oklch){lightness, chroma, hue}));
}

static void add_shades(struct arena *a, struct value *v, const struct shades *s)
{
    value_set_str(a, v, KEY(brand), colour_text(a, s->ground));
    value_set_str(a, v, KEY(on_brand), colour_text(a, s->on_ground));
    value_set_str(a, v, KEY(link), colour_text(a, s->ink));
    value_set_str(a, v, KEY(tint), colour_text(a, s->tint));
}

static void add_light(struct arena *a, struct value *v, const struct palette *p)
{
    add_shades(a, v, &p->light);
    value_set_str(a, v, KEY(paper), neutral(a, 0.959, 0.007, p->hue));
    value_set_str(a, v, KEY(surface), STR("#ffffff"));
    value_set_str(a, v, KEY(ink), neutral(a, 0.23, 0.014, p->hue));
    value_set_str(a, v, KEY(muted), neutral(a, 0.46, 0.015, p->hue));
    value_set_str(a, v, KEY(line), neutral(a, 0.905, 0.009, p->hue));
}

static struct value *dark(struct arena *a, const struct palette *p)
{
    struct value *v = value_object(a);
    add_shades(a, v, &p->dark);
    value_set_str(a, v, KEY(paper), neutral(a, 0.145, 0.008, p->hue));
    value_set_str(a, v, KEY(surface), neutral(a, 0.215, 0.01, p->hue));
    value_set_str(a, v, KEY(ink), neutral(a, 0.95, 0.006, p->hue));
    value_set_str(a, v, KEY(muted), neutral(a, 0.76, 0.012, p->hue));
    value_set_str(a, v, KEY(line), neutral(a, 0.31, 0.012, p->hue));
    return v;
}

// The head of the sheet in the tone of the site's header; absent where it is the sheet's own.
static void add_head(struct arena *a, struct value *v, struct str tone, double hue)
{
    bool brand = str_is(tone, "brand"), night = str_is(tone, "dark");
    if (brand) {
        value_set(a, v, KEY(head), value_get(v, KEY(brand)));
        value_set(a, v, KEY(on_head), value_get(v, KEY(on_brand)));
    } else if (night) {
        value_set_str(a, v, KEY(head), neutral(a, 0.19, 0.012, hue));
        value_set_str(a, v, KEY(on_head), neutral(a, 0.95, 0.006, hue));
    } else {
        value_set(a, v, KEY(head), value_get(v, KEY(surface)));
        value_set(a, v, KEY(on_head), value_get(v, KEY(link)));
    }
    value_set_bool(a, v, KEY(toned), brand || night);
}

#define SANS "'Segoe UI',Roboto,'Helvetica Neue',Helvetica,Arial,sans-serif"

static void add_fonts(struct arena *a, struct value *v, struct str pairing)
{
    static const struct {
        const char *name, *display, *text;
    } pairings[] = {
        {"editorial",
            "font-family:Fraunces,'Iowan Old Style',Georgia,serif;font-weight:500;"
            "letter-spacing:-0.02em",
            "Figtree," SANS},
        {"humanist",
            "font-family:'Brygada 1918','Palatino Linotype',Palatino,Georgia,serif;font-weight:500;"
            "letter-spacing:-0.012em",
            "Manrope," SANS},
        {"display",
            "font-family:Antonio,Oswald,'Arial Narrow','Roboto Condensed'," SANS ";font-weight:600;"
            "text-transform:uppercase",
            "'Public Sans'," SANS},
        {"grotesk",
            "font-family:'Familjen Grotesk'," SANS ";font-weight:600;letter-spacing:-0.025em",
            "'Instrument Sans'," SANS},
    };
    size_t at = 0;
    while (at < 3 && !str_is(pairing, pairings[at].name))
        at++;
    value_set_str(a, v, KEY(display), str_of(pairings[at].display));
    value_set_str(a, v, KEY(font_text), str_of(pairings[at].text));
}

struct value *mail_palette(struct arena *a, const struct site *site)
{
    struct value *v = value_object(a);
    struct colour brand = {0x33, 0x33, 0x33};
    colour_parse(value_get_str(site->branding, KEY(brand)), &brand);
    struct palette p = palette_of(brand);
    bool sharp = str_is(value_get_str(site->branding, KEY(corners)), "sharp");
    add_light(a, v, &p);
    value_set(a, v, KEY(dark), dark(a, &p));
    add_head(a, v, value_get_str(site->branding, KEY(header)), p.hue);
    value_set_str(a, v, KEY(radius), sharp ? STR("2px") : STR("10px"));
    value_set_str(a, v, KEY(radius_big), sharp ? STR("2px") : STR("18px"));
    add_fonts(a, v, value_get_str(site->branding, KEY(fonts)));
    return v;
}
