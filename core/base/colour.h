// Colours: sRGB as people write it (#rrggbb) and OKLCH (Björn Ottosson's Oklab in polar form), in
// which lightness, strength and hue can be changed one by one, and contrast as WCAG 2 defines it.
// Pure arithmetic; what is computed is rounded to the 24 bits that a screen shows before it is
// compared.
#pragma once

#include "base/str.h"

// Lightness 0–1, chroma 0–0.4, hue in degrees 0–360.
struct oklch {
    double l, c, h;
};

struct colour {
    uint8_t red, green, blue;
};

// "#0f766e"; false for anything else.
bool colour_parse(struct str text, struct colour *out);
struct str colour_text(struct arena *a, struct colour c);

struct oklch colour_oklch(struct colour c);
// Chroma is lowered until sRGB has the colour, so lightness and hue stay.
struct colour colour_of(struct oklch c);

// 1 (the same) to 21 (black and white).
double colour_contrast(struct colour a, struct colour b);
