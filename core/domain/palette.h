// A site's colours, from the one or two that its branding names: tints, texts and lines for light
// and dark, each pair corrected until it has the contrast that WCAG 2.2 AA asks for. The rules
// stand in web/styles/README.md. Pure arithmetic, the same for pages, mails and papers.
#pragma once

#include "base/colour.h"

// A colour as ground with the text on it, as text, and as its soft companions.
struct shades {
    struct colour ground, strong, on_ground; // `strong` is the ground under the pointer
    struct colour ink, tint, line;
};

struct palette {
    double hue; // what paper, ink and lines lean to, in degrees
    struct shades light, dark;
};

struct palette palette_of(struct colour brand);
