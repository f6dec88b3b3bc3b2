// Draws one page of a ticket document on a cairo context of A4 size in points. ticket_pdf.c calls
// it; see ticket_pdf.h for what goes in.
#pragma once

#include <cairo.h>

#include "domain/qr.h"
#include "domain/ticket_pdf.h"

#define TICKET_PAGE_WIDTH 595.276
#define TICKET_PAGE_HEIGHT 841.890

// What all pages share.
struct ticket_sheet {
    const struct ticket_document *document;
    cairo_surface_t *logo; // NULL: none
};

void ticket_page_draw(struct arena *a, cairo_t *cr, const struct ticket_sheet *sheet,
    const struct ticket_page *page, const struct qr *qr);
