#include "domain/palette.h"

// Text needs 4.5, what only has to be seen 3 (WCAG 2.2, 1.4.3 and 1.4.11); a hair more, since
// grounds in the browser may differ by a rounding.
static const double text_contrast = 4.55, seen_contrast = 3.05;
static const double step = 0.005;
// From here on a ground carries dark text.
static const double bright = 0.72;

static struct colour shade(double l, double c, double h)
{
    return colour_of((struct oklch){l, c, h});
}

static double at_most(double value, double limit)
{
    return value < limit ? value : limit;
}

static bool reaches(struct colour c, const struct colour *grounds, int count, double contrast)
{
    for (int i = 0; i < count; i++)
        if (colour_contrast(c, grounds[i]) < contrast)
            return false;
    return true;
}

// The first lightness from `from` on, going by `by`, that is far enough from every ground.
static double lightness(
    struct oklch from, double by, const struct colour *grounds, int count, double contrast)
{
    while (from.l > 0 && from.l < 1 && !reaches(colour_of(from), grounds, count, contrast))
        from.l += by;
    return from.l;
}

static struct shades light_shades(struct oklch c)
{
    struct shades s = {
        .tint = shade(0.95, at_most(c.c, 0.02), c.h), .line = shade(0.85, at_most(c.c, 0.04), c.h)};
    // Paper, surface, sunken, as the style sheet's tokens have them.
    struct colour grounds[] = {
        s.tint, shade(0.987, 0.004, c.h), {255, 255, 255}, shade(0.959, 0.007, c.h)};
    struct colour white = {255, 255, 255};
    bool with_dark_text = c.l >= bright;
    struct oklch ground = c;
    ground.l = with_dark_text ? lightness(c, -step, grounds + 1, 1, seen_contrast)
                              : lightness(c, -step, &white, 1, text_contrast);
    s.ground = colour_of(ground);
    s.strong = shade(ground.l + (with_dark_text ? 0.05 : -0.07), c.c, c.h);
    s.on_ground = with_dark_text ? shade(0.19, 0.03, c.h) : white;
    struct oklch ink = {0.45, at_most(c.c, 0.14), c.h};
    ink.l = lightness(ink, -step, grounds, 4, text_contrast);
    s.ink = colour_of(ink);
    return s;
}

static struct shades dark_shades(struct oklch c)
{
    struct shades s = {.ground = shade(0.76, at_most(c.c, 0.12), c.h),
        .strong = shade(0.82, at_most(c.c, 0.12), c.h),
        .on_ground = shade(0.19, 0.03, c.h),
        .tint = shade(0.27, at_most(c.c, 0.035), c.h),
        .line = shade(0.40, at_most(c.c, 0.05), c.h)};
    struct colour grounds[] = {
        s.tint, shade(0.175, 0.008, c.h), shade(0.215, 0.01, c.h), shade(0.145, 0.008, c.h)};
    struct oklch ink = {0.82, at_most(c.c, 0.1), c.h};
    ink.l = lightness(ink, step, grounds, 4, text_contrast);
    s.ink = colour_of(ink);
    return s;
}

struct palette palette_of(struct colour brand)
{
    struct oklch c = colour_oklch(brand);
    // Greys have no hue of their own; the neutral one keeps paper from turning pink.
    if (c.c < 0.01)
        c.h = 80;
    return (struct palette){.hue = c.h, .light = light_shades(c), .dark = dark_shades(c)};
}
