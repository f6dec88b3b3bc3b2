#include "domain/ticket_pdf.h"

#include <time.h>

#include <cairo-pdf.h>

#include "base/buf.h"
#include "domain/pdf_catalog.h"
#include "domain/qr.h"
#include "domain/ticket_page.h"

static cairo_status_t on_bytes(void *out, const unsigned char *bytes, unsigned int len)
{
    struct buf *b = out;
    buf_add(b, str_n(bytes, len));
    return b->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void set_metadata(struct arena *a, cairo_surface_t *surface, const struct ticket_document *d)
{
    char created[32];
    time_t seconds = d->created_us / 1000000;
    struct tm t;
    gmtime_r(&seconds, &t);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &t);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, str_z(a, d->title));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, str_z(a, d->site));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Vitrine");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
}

static cairo_status_t on_read(void *in, unsigned char *bytes, unsigned int len)
{
    struct str *rest = in;
    if (rest->len < len)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(bytes, rest->p, len);
    *rest = str_sub(*rest, len, rest->len);
    return CAIRO_STATUS_SUCCESS;
}

// NULL when there is none, or none that can be read.
static cairo_surface_t *logo_of(const struct ticket_document *d)
{
    struct str rest = d->logo;
    if (!rest.len)
        return NULL;
    cairo_surface_t *logo = cairo_image_surface_create_from_png_stream(on_read, &rest);
    if (cairo_surface_status(logo) == CAIRO_STATUS_SUCCESS)
        return logo;
    cairo_surface_destroy(logo);
    return NULL;
}

static bool draw_pages(struct arena *a, cairo_t *cr, const struct ticket_sheet *sheet)
{
    const struct ticket_document *d = sheet->document;
    for (size_t i = 0; i < d->page_count; i++) {
        struct qr qr;
        if (!qr_make(a, d->pages[i].qr, &qr))
            return false;
        ticket_page_draw(a, cr, sheet, &d->pages[i], &qr);
        cairo_show_page(cr);
    }
    return true;
}

struct str ticket_pdf(struct arena *a, const struct ticket_document *d)
{
    if (d->page_count == 0 || d->page_count > TICKET_PAGES_MAX)
        return STR_NULL;
    struct buf pdf;
    buf_init(&pdf, a, TICKET_PDF_MAX);
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(on_bytes, &pdf, TICKET_PAGE_WIDTH, TICKET_PAGE_HEIGHT);
    set_metadata(a, surface, d);
    cairo_t *cr = cairo_create(surface);
    struct ticket_sheet sheet = {d, logo_of(d)};
    bool drawn = draw_pages(a, cr, &sheet);
    cairo_destroy(cr);
    if (sheet.logo)
        cairo_surface_destroy(sheet.logo);
    cairo_surface_finish(surface);
    drawn = drawn && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS && !pdf.full;
    cairo_surface_destroy(surface);
    if (!drawn)
        return STR_NULL;
    pdf_catalog_set_language(&pdf, d->lang);
    return buf_str(&pdf);
}
