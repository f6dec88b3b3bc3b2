// QR codes (ISO 18004, error correction M): as modules for drawing and as SVG for pages. Pure, may
// run in any thread.
#pragma once

#include "base/str.h"

enum { QR_QUIET = 4, QR_TEXT_MAX = 1024 };

struct qr {
    int size;                     // modules a side, without the quiet zone
    const unsigned char *modules; // size × size, row by row; 1 is dark
};

// False when the text is empty or over QR_TEXT_MAX bytes.
bool qr_make(struct arena *a, struct str text, struct qr *out);

static inline bool qr_dark(const struct qr *q, int x, int y)
{
    return q->modules[y * q->size + x];
}

// An <svg> of one unit a module with the quiet zone inside, dark on white in any colour scheme;
// `label` is what screen readers say.
struct str qr_svg(struct arena *a, const struct qr *q, struct str label);
