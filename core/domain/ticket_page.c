#include "domain/ticket_page.h"

#include <math.h>

#include <pango/pangocairo.h>

#include "base/check.h"

// Points. The card spans the margins; what is above the perforation tells, what is below admits.
#define MARGIN 48.0
#define CARD_TOP 52.0
#define CARD_WIDTH (TICKET_PAGE_WIDTH - 2 * MARGIN)
#define CARD_RADIUS 16.0
#define CARD_RADIUS_SHARP 2.0
#define PADDING 34.0
#define INNER_WIDTH (CARD_WIDTH - 2 * PADDING)
#define GUTTER 28.0
#define NOTCH_RADIUS 10.0
// Dark modules only: the card's padding is the quiet zone.
#define QR_SIDE 152.0
#define QR_GAP 38.0
// A logo stands before the site's name.
#define LOGO_WIDTH_MAX 150.0
#define LOGO_HEIGHT_MAX 36.0
#define LOGO_PADDING 6.0
#define LOGO_GAP 14.0
#define BOTTOM (TICKET_PAGE_HEIGHT - 44.0)
#define FOOT_GAP 14.0

enum { BLOCKS_MAX = 32 };

static const uint32_t ink = 0x161a20, quiet = 0x5c6570, hairline = 0xd5dae0, paper = 0xffffff;

// How a text looks.
struct style {
    double size;
    bool bold, serif;
    int lines; // beyond them it ends in an ellipsis
    uint32_t color;
    double alpha;
    double tracking; // in thousandths of the size
};

// Where a text goes: from the page's reading edge and its top, and how wide it may be.
struct spot {
    double x, y, width;
};

// A text that was laid out and waits to be drawn over the shapes.
struct block {
    PangoLayout *layout;
    double x, y, alpha;
    uint32_t color;
};

struct pen {
    cairo_t *cr;
    PangoContext *context;
    const struct ticket_document *d;
    cairo_surface_t *logo; // or NULL
    struct block blocks[BLOCKS_MAX];
    int count;
    bool tight; // texts get half their lines, where the page would overflow
};

static double channel(uint32_t color, int shift)
{
    return (color >> shift & 0xff) / 255.0;
}

static void set_color(cairo_t *cr, uint32_t color, double alpha)
{
    cairo_set_source_rgba(cr, channel(color, 16), channel(color, 8), channel(color, 0), alpha);
}

static double linear(double c)
{
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

// WCAG's relative luminance.
static double luminance(uint32_t color)
{
    return 0.2126 * linear(channel(color, 16)) + 0.7152 * linear(channel(color, 8)) +
           0.0722 * linear(channel(color, 0));
}

static uint32_t text_on(uint32_t background)
{
    double l = luminance(background);
    return 1.05 / (l + 0.05) >= (l + 0.05) / (luminance(ink) + 0.05) ? paper : ink;
}

// The left edge of something `width` wide that starts `x` from the reading edge of the page.
static double place(const struct pen *pen, double x, double width)
{
    return pen->d->right_to_left ? TICKET_PAGE_WIDTH - x - width : x;
}

static PangoLayout *lay_out(const struct pen *pen, struct str text, double width, struct style s)
{
    PangoLayout *layout = pango_layout_new(pen->context);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family(font, s.serif ? "Noto Serif" : "Noto Sans");
    pango_font_description_set_absolute_size(font, s.size * PANGO_SCALE);
    pango_font_description_set_weight(font, s.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    if (s.tracking != 0) {
        PangoAttrList *attributes = pango_attr_list_new();
        pango_attr_list_insert(attributes,
            pango_attr_letter_spacing_new((int)(s.size * s.tracking / 1000 * PANGO_SCALE)));
        // Kerning on top of it makes gaps that readers of the file take for spaces.
        if (s.tracking > 0)
            pango_attr_list_insert(attributes, pango_attr_font_features_new("kern=0"));
        pango_layout_set_attributes(layout, attributes);
        pango_attr_list_unref(attributes);
    }
    pango_layout_set_text(layout, text.p, (int)text.len);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_height(layout, pen->tight && s.lines > 1 ? -s.lines / 2 : -s.lines);
    pango_layout_set_line_spacing(layout, s.size >= 13 ? 1.12f : 1.3f);
    // Pango swaps sides for a text that runs against its context's direction, so this puts every
    // text at the page's reading edge.
    PangoLayoutLine *first = pango_layout_get_line_readonly(layout, 0);
    bool rightmost = pango_layout_line_get_resolved_direction(first) == PANGO_DIRECTION_RTL;
    pango_layout_set_alignment(layout, rightmost ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    return layout;
}

static double height_of(PangoLayout *layout)
{
    int height;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

// Takes `text` down and returns its height; nothing for no text.
static double write_text(struct pen *pen, struct str text, struct spot at, struct style s)
{
    if (!text.len)
        return 0;
    check(pen->count < BLOCKS_MAX);
    PangoLayout *layout = lay_out(pen, text, at.width, s);
    pen->blocks[pen->count++] = (struct block){
        layout, place(pen, at.x, at.width), at.y, s.alpha > 0 ? s.alpha : 1, s.color};
    return height_of(layout);
}

static void draw_blocks(struct pen *pen)
{
    for (int i = 0; i < pen->count; i++) {
        struct block *b = &pen->blocks[i];
        set_color(pen->cr, b->color, b->alpha);
        cairo_move_to(pen->cr, b->x, b->y);
        pango_cairo_show_layout(pen->cr, b->layout);
    }
}

static void forget_blocks(struct pen *pen)
{
    while (pen->count)
        g_object_unref(pen->blocks[--pen->count].layout);
}

static const struct style label_style = {.size = 9, .lines = 1, .color = quiet};
static const struct style value_style = {.size = 13, .bold = true, .lines = 3, .color = ink};

static double write_pair(struct pen *pen, struct str label, struct str value, struct spot at)
{
    if (!value.len)
        return 0;
    double height = write_text(pen, label, at, label_style) + 2;
    at.y += height;
    return height + write_text(pen, value, at, value_style);
}

// The largest size at which it takes few lines.
static double write_title(struct pen *pen, struct str text, double x, double y, uint32_t color)
{
    static const double sizes[] = {30, 24, 19};
    bool serif = pen->d->face == TICKET_SERIF;
    struct style s = {.bold = true, .serif = serif, .color = color, .tracking = serif ? 0 : -8};
    for (int i = 0; i < 3; i++) {
        s.size = sizes[i];
        s.lines = 99;
        PangoLayout *layout = lay_out(pen, text, INNER_WIDTH, s);
        int lines = pango_layout_get_line_count(layout);
        g_object_unref(layout);
        s.lines = i + 2;
        if (lines <= s.lines)
            break;
    }
    return write_text(pen, text, (struct spot){x, y, INNER_WIDTH}, s);
}

// The logo's box on the page: itself, and the plate around it.
struct logo_box {
    double x, y, width, height, padding, scale;
};

static struct logo_box logo_box(const struct pen *pen)
{
    double width = cairo_image_surface_get_width(pen->logo);
    double height = cairo_image_surface_get_height(pen->logo);
    double scale = fmin(LOGO_WIDTH_MAX / width, LOGO_HEIGHT_MAX / height);
    double padding = pen->d->plate == TICKET_PLATE_NONE ? 0 : LOGO_PADDING;
    struct logo_box box = {.y = CARD_TOP + PADDING - 8,
        .width = width * scale + 2 * padding,
        .height = height * scale + 2 * padding,
        .padding = padding,
        .scale = scale};
    box.x = place(pen, MARGIN + PADDING, box.width);
    return box;
}

static void rounded(cairo_t *cr, const struct logo_box *box, double r)
{
    double right = box->x + box->width, bottom = box->y + box->height;
    cairo_new_sub_path(cr);
    cairo_arc(cr, right - r, box->y + r, r, -M_PI / 2, 0);
    cairo_arc(cr, right - r, bottom - r, r, 0, M_PI / 2);
    cairo_arc(cr, box->x + r, bottom - r, r, M_PI / 2, M_PI);
    cairo_arc(cr, box->x + r, box->y + r, r, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

static void draw_logo(const struct pen *pen)
{
    cairo_t *cr = pen->cr;
    struct logo_box box = logo_box(pen);
    cairo_save(cr);
    if (pen->d->plate != TICKET_PLATE_NONE) {
        set_color(cr, pen->d->plate == TICKET_PLATE_DARK ? ink : paper, 1);
        rounded(cr, &box, pen->d->sharp ? CARD_RADIUS_SHARP : LOGO_PADDING);
        cairo_fill(cr);
    }
    cairo_translate(cr, box.x + box.padding, box.y + box.padding);
    cairo_scale(cr, box.scale, box.scale);
    cairo_set_source_surface(cr, pen->logo, 0, 0);
    cairo_paint(cr);
    cairo_restore(cr);
}

// The site's name, beside its logo where it has one. Returns the height of both.
static double write_site(struct pen *pen, double x, double y, struct style s)
{
    double width = INNER_WIDTH - 110;
    if (!pen->logo)
        return write_text(pen, pen->d->site, (struct spot){x, y, width}, s);
    struct logo_box box = logo_box(pen);
    double beside = box.width + LOGO_GAP, end = box.y + box.height - y;
    struct spot at = {x + beside, y, width - beside};
    double height = write_text(pen, pen->d->site, at, s);
    if (height > 0 && box.y + (box.height - height) / 2 > y)
        pen->blocks[pen->count - 1].y = box.y + (box.height - height) / 2;
    return fmax(height, end);
}

// Name of the site and number of the ticket, then what it is for. Returns where the head ends.
static double write_head(struct pen *pen, const struct ticket_page *page)
{
    const struct ticket_document *d = pen->d;
    uint32_t color = text_on(d->brand);
    bool serif = d->face == TICKET_SERIF;
    double x = MARGIN + PADDING, y = CARD_TOP + PADDING - 4;
    struct style name = {.size = 13, .bold = true, .serif = serif, .lines = 2, .color = color};
    double name_height = write_site(pen, x, y, name);
    if (page->count.len) {
        PangoLayout *layout = lay_out(
            pen, page->count, 100, (struct style){.size = 10.5, .lines = 1, .color = color});
        bool left = pango_layout_get_alignment(layout) == PANGO_ALIGN_LEFT;
        pango_layout_set_alignment(layout, left ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
        pen->blocks[pen->count++] =
            (struct block){layout, place(pen, x + INNER_WIDTH - 100, 100), y + 2, 1, color};
    }
    y += name_height + 34;
    y += write_title(pen, page->offer, x, y, color);
    if (page->subtitle.len)
        y += 6 + write_text(pen, page->subtitle, (struct spot){x, y + 6, INNER_WIDTH},
                     (struct style){.size = 13, .lines = 2, .color = color});
    return y + PADDING - 4;
}

// When, where, for whom, at what price, in two columns. Returns where the perforation is.
static double write_facts(struct pen *pen, const struct ticket_page *page, double y)
{
    const struct ticket_words *w = &pen->d->words;
    double wide = (INNER_WIDTH - GUTTER) * 0.56, narrow = INNER_WIDTH - GUTTER - wide;
    double first = MARGIN + PADDING, second = first + wide + GUTTER;
    y += 28;
    struct style date = {.size = 17, .bold = true, .lines = 2, .color = ink};
    struct style zone = {.size = 9, .lines = 1, .color = quiet};
    double left = write_text(pen, page->date, (struct spot){first, y, wide}, date);
    double right = write_text(pen, page->time, (struct spot){second, y, narrow}, date);
    right += write_text(pen, page->zone, (struct spot){second, y + right + 1, narrow}, zone);
    y += fmax(left, right) + 24;
    // Two a row, without a gap for what this ticket doesn't have.
    const struct str pairs[][2] = {{w->place, page->place}, {w->holder, page->holder},
        {w->rate, page->rate}, {w->price, page->price}};
    double height = 0;
    for (int i = 0, written = 0; i < 4; i++) {
        if (!pairs[i][1].len)
            continue;
        bool starts = written++ % 2 == 0;
        y += starts && written > 1 ? height + 18 : 0;
        struct spot at = {starts ? first : second, y, starts ? wide : narrow};
        height = fmax(starts ? 0 : height, write_pair(pen, pairs[i][0], pairs[i][1], at));
    }
    return y + height + 28;
}

// The code in print, how to use it and the order's number, beside the QR code. Returns the height.
static double write_stub(struct pen *pen, const struct ticket_page *page, double y)
{
    const struct ticket_words *w = &pen->d->words;
    double x = MARGIN + PADDING + QR_SIDE + QR_GAP, width = INNER_WIDTH - QR_SIDE - QR_GAP, top = y;
    struct style code = {.size = 25, .bold = true, .lines = 2, .color = ink, .tracking = 40};
    struct style hint = {.size = 10.5, .lines = 5, .color = quiet};
    y += write_text(pen, w->code, (struct spot){x, y - 3, width}, label_style) - 3;
    y += 2 + write_text(pen, page->code, (struct spot){x, y + 2, width}, code);
    y += 10 + write_text(pen, w->hint, (struct spot){x, y + 10, width}, hint);
    y += 16 + write_pair(pen, w->order, pen->d->order, (struct spot){x, y + 16, width});
    return y - top;
}

// Where the parts of the card end.
struct card {
    double head_end, perforation, bottom;
};

static struct card write_card(struct pen *pen, const struct ticket_page *page)
{
    double head_end = write_head(pen, page);
    double perforation = write_facts(pen, page, head_end);
    double stub = write_stub(pen, page, perforation + PADDING);
    return (struct card){head_end, perforation, perforation + 2 * PADDING + fmax(stub, QR_SIDE)};
}

// The card's outline, with a notch at both ends of the perforation.
static void card_path(const struct pen *pen, double perforation, double bottom)
{
    cairo_t *cr = pen->cr;
    double left = MARGIN, right = MARGIN + CARD_WIDTH;
    double r = pen->d->sharp ? CARD_RADIUS_SHARP : CARD_RADIUS;
    cairo_new_sub_path(cr);
    cairo_arc(cr, right - r, CARD_TOP + r, r, -M_PI / 2, 0);
    cairo_arc_negative(cr, right, perforation, NOTCH_RADIUS, -M_PI / 2, M_PI / 2);
    cairo_arc(cr, right - r, bottom - r, r, 0, M_PI / 2);
    cairo_arc(cr, left + r, bottom - r, r, M_PI / 2, M_PI);
    cairo_arc_negative(cr, left, perforation, NOTCH_RADIUS, M_PI / 2, -M_PI / 2);
    cairo_arc(cr, left + r, CARD_TOP + r, r, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

// The brand's colour with two large rings, cut off by the edges of the head.
static void draw_head(const struct pen *pen, double end)
{
    cairo_t *cr = pen->cr;
    cairo_save(cr);
    cairo_rectangle(cr, MARGIN, CARD_TOP, CARD_WIDTH, end - CARD_TOP);
    cairo_clip(cr);
    set_color(cr, pen->d->brand, 1);
    cairo_paint(cr);
    set_color(cr, text_on(pen->d->brand), 0.07);
    cairo_set_line_width(cr, 34);
    double x = place(pen, TICKET_PAGE_WIDTH - MARGIN - 30, 0);
    cairo_arc(cr, x, CARD_TOP + 6, 92, 0, 2 * M_PI);
    cairo_stroke(cr);
    cairo_arc(cr, x, CARD_TOP + 6, 168, 0, 2 * M_PI);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_perforation(const struct pen *pen, double y)
{
    static const double dots[] = {0, 6.5};
    cairo_t *cr = pen->cr;
    cairo_save(cr);
    cairo_set_dash(cr, dots, 2, 0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, 2);
    set_color(cr, hairline, 1);
    cairo_move_to(cr, MARGIN + NOTCH_RADIUS + 8, y);
    cairo_line_to(cr, MARGIN + CARD_WIDTH - NOTCH_RADIUS - 6, y);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_card(const struct pen *pen, const struct card *card)
{
    double perforation = card->perforation, bottom = card->bottom;
    cairo_t *cr = pen->cr;
    cairo_save(cr);
    card_path(pen, perforation, bottom);
    cairo_clip(cr);
    draw_head(pen, card->head_end);
    if (pen->logo)
        draw_logo(pen);
    cairo_restore(cr);
    draw_perforation(pen, perforation);
    set_color(cr, hairline, 1);
    cairo_set_line_width(cr, 0.8);
    card_path(pen, perforation, bottom);
    cairo_stroke(cr);
}

static void draw_qr(const struct pen *pen, const struct qr *q, double y)
{
    cairo_t *cr = pen->cr;
    double x = place(pen, MARGIN + PADDING, QR_SIDE), module = QR_SIDE / q->size;
    set_color(cr, 0x000000, 1);
    for (int row = 0; row < q->size; row++)
        for (int column = 0; column < q->size; column++)
            if (qr_dark(q, column, row))
                cairo_rectangle(cr, x + column * module, y + row * module, module, module);
    // One fill of all modules: no seams between neighbours.
    cairo_fill(cr);
}

// Who to ask and what the law wants, at the bottom of the page. Returns where it begins.
static double write_foot(struct pen *pen)
{
    const struct ticket_document *d = pen->d;
    double x = MARGIN + 2, width = CARD_WIDTH - 4;
    struct style contact = {.size = 9.5, .lines = 5, .color = quiet};
    struct style legal = {.size = 7.5, .lines = 8, .color = quiet};
    int first = pen->count;
    double below = write_text(pen, d->contact, (struct spot){x, 0, width}, contact);
    below += below > 0 && d->legal.len ? 8 : 0;
    double top = BOTTOM - below - write_text(pen, d->legal, (struct spot){x, below, width}, legal);
    for (int i = first; i < pen->count; i++)
        pen->blocks[i].y += top;
    return top;
}

void ticket_page_draw(struct arena *a, cairo_t *cr, const struct ticket_sheet *sheet,
    const struct ticket_page *page, const struct qr *qr)
{
    const struct ticket_document *d = sheet->document;
    struct pen pen = {.cr = cr, .d = d, .logo = sheet->logo};
    // The thread's own map: nothing is shared between the threads of the pool.
    pen.context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    pango_cairo_context_set_resolution(pen.context, 72);
    pango_cairo_update_context(cr, pen.context);
    pango_context_set_language(pen.context, pango_language_from_string(str_z(a, d->lang)));
    pango_context_set_base_dir(
        pen.context, d->right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);

    struct card card = write_card(&pen, page);
    if (card.bottom > write_foot(&pen) - FOOT_GAP) {
        forget_blocks(&pen);
        pen.tight = true;
        card = write_card(&pen, page);
        write_foot(&pen);
    }
    draw_card(&pen, &card);
    draw_qr(&pen, qr, card.perforation + PADDING);
    draw_blocks(&pen);
    forget_blocks(&pen);
    g_object_unref(pen.context);
}
