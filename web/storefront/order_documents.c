#include "web/storefront/order_documents.h"

#include <stdlib.h>

#include "base/clock.h"
#include "domain/calendar.h"
#include "domain/logo.h"
#include "domain/ticket_pdf.h"
#include "io/offload.h"
#include "web/storefront/sale.h"

// Pixels: sharp in print at the size that ticket_page.c gives it.
enum { LOGO_WIDTH_MAX = 600, LOGO_HEIGHT_MAX = 160 };

static struct str word(struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static const struct order_line *line_of(const struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

// "ABCD EFGH", as people read it aloud.
static struct str spaced(struct arena *a, struct str code)
{
    return str_join(a, str_sub(code, 0, 4), STR(" "), str_sub(code, 4, code.len), STR_NULL);
}

// "18:00–19:30"; with both dates when it goes on past midnight.
static struct str times_of(struct request *r, const struct order_line *l)
{
    struct local_time from = zone_local(r->site->zone, l->starts_us);
    struct local_time to = zone_local(r->site->zone, l->ends_us);
    if (date_cmp(from.date, to.date) != 0)
        return format_time_range(r->arena, r->format, r->site->zone, l->starts_us, l->ends_us);
    return str_join(r->arena, format_time_of_day(r->arena, r->format, from.second / 60),
        STR("\xe2\x80\x93"), format_time_of_day(r->arena, r->format, to.second / 60), STR_NULL);
}

static struct ticket_page page_of(
    struct request *r, const struct order *o, const struct ticket *t, int number, int count)
{
    struct arena *a = r->arena;
    const struct order_line *l = line_of(o, t->line);
    const struct site *s = r->site;
    struct date day = zone_date(s->zone, l->starts_us);
    return (struct ticket_page){
        .offer = l->title,
        .date = format_date(a, r->format, day, FORMAT_DATE_FULL),
        .time = times_of(r, l),
        .zone = format_zone_name(a, r->format, s->zone),
        .place = t->place.p ? t->place : l->place,
        .holder = o->name,
        .rate = l->rate_name,
        .price = format_money(a, r->format, l->unit_minor, s->currency),
        .qr = t->code,
        .code = spaced(a, t->code),
        .count = count > 1 ? message(a, r->words, STR("ticket.count"), "number",
                                 value_int(a, number), "count", value_int(a, count), NULL)
                           : STR_NULL,
    };
}

static uint32_t brand_colour(const struct site *s)
{
    const char *hex = value_get_str(s->branding, KEY(brand)).p;
    return hex && *hex == '#' ? (uint32_t)strtoul(hex + 1, NULL, 16) : 0x333333;
}

static struct str contact_lines(struct arena *a, const struct site *s)
{
    struct buf b;
    buf_init(&b, a, 2000);
    const value_key keys[] = {KEY(address), KEY(phone), KEY(email)};
    for (int i = 0; i < 3; i++) {
        struct str line = value_get_str(s->contact, keys[i]);
        if (!line.len)
            continue;
        if (b.len)
            buf_add_char(&b, '\n');
        buf_add(&b, line);
    }
    return buf_str(&b);
}

static void add_line(struct buf *b, struct str line)
{
    if (!line.len)
        return;
    if (b->len)
        buf_add_char(b, '\n');
    buf_add(b, line);
}

// Who sells, as the law of most places wants it on a receipt, and whether it is for real.
static struct str legal_lines(struct request *r)
{
    struct arena *a = r->arena;
    const struct value *legal = value_get(r->site->settings, KEY(legal));
    struct str vat = value_get_str(legal, KEY(vat_number));
    struct buf b;
    buf_init(&b, a, 4000);
    if (r->site->practice)
        add_line(&b, word(r, "ticket.practice"));
    add_line(&b, value_get_str(legal, KEY(company)));
    add_line(&b, value_get_str(legal, KEY(registration)));
    if (vat.len)
        add_line(&b,
            message(a, r->words, STR("storefront.legal.vat"), "number", value_str(a, vat), NULL));
    add_line(&b, value_get_str(legal, KEY(legal_address)));
    return b.len ? buf_str(&b) : STR_NULL;
}

// A logo was made for the header of the pages, whose tone may be the brand's colour too.
static enum ticket_plate plate_of(const struct site *s)
{
    struct str header = value_get_str(s->branding, KEY(header));
    return str_is(header, "brand")  ? TICKET_PLATE_NONE
           : str_is(header, "dark") ? TICKET_PLATE_DARK
                                    : TICKET_PLATE_LIGHT;
}

static struct ticket_document document_of(struct request *r, const struct order *o)
{
    const struct site *s = r->site;
    struct str fonts = value_get_str(s->branding, KEY(fonts));
    return (struct ticket_document){
        .title = message(
            r->arena, r->words, STR("ticket.title"), "code", value_str(r->arena, o->code), NULL),
        .lang = r->language,
        .brand = brand_colour(s),
        .face =
            str_is(fonts, "editorial") || str_is(fonts, "humanist") ? TICKET_SERIF : TICKET_SANS,
        .sharp = str_is(value_get_str(s->branding, KEY(corners)), "sharp"),
        .logo = logo_load(r->arena, s, LOGO_WIDTH_MAX, LOGO_HEIGHT_MAX).png,
        .plate = plate_of(s),
        .site = s->name,
        .order = o->code,
        .contact = contact_lines(r->arena, s),
        .legal = legal_lines(r),
        .created_us = o->placed_us,
        .words = {.place = word(r, "ticket.place"),
            .holder = word(r, "ticket.holder"),
            .rate = word(r, "ticket.rate"),
            .price = word(r, "ticket.price"),
            .order = word(r, "ticket.order"),
            .code = word(r, "ticket.code"),
            .hint = word(r, "ticket.hint")},
    };
}

struct drawing {
    struct arena *arena;
    const struct ticket_document *document;
    struct str pdf;
};

static void draw(void *arg)
{
    struct drawing *d = arg;
    d->pdf = ticket_pdf(d->arena, d->document);
}

struct str order_ticket_pdf(struct request *r, const struct order *o)
{
    struct ticket *tickets;
    enum order_result result;
    int count = order_tickets(r->arena, r->site, o->id, &tickets, &result);
    if (count > TICKET_PAGES_MAX)
        count = TICKET_PAGES_MAX;
    struct ticket_page *pages = arena_new_array(r->arena, struct ticket_page, (size_t)count + 1);
    struct ticket_document document = document_of(r, o);
    for (int i = 0; i < count; i++)
        if (!tickets[i].is_void)
            pages[document.page_count++] = page_of(r, o, &tickets[i], i + 1, count);
    document.pages = pages;
    struct drawing d = {r->arena, &document, STR_NULL};
    if (!document.page_count || !offload(draw, &d))
        return STR_NULL;
    return d.pdf;
}

struct str order_calendar(struct request *r, const struct order *o)
{
    struct arena *a = r->arena;
    struct calendar_event *events = arena_new_array(a, struct calendar_event, ORDER_LINES_MAX);
    struct calendar calendar = {
        .name = r->site->name, .stamp_us = clock_now_us(), .events = events};
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        if (!line_takes_capacity(l->state))
            continue;
        events[calendar.count++] = (struct calendar_event){
            .uid =
                str_join(a, STR("line-"), str_of_i64(a, l->id), STR("@"), r->authority, STR_NULL),
            .start_us = l->starts_us,
            .end_us = l->ends_us,
            .sequence = (int)l->sequence,
            .summary = str_join(a, l->title, STR(" · "), r->site->name, STR_NULL),
            .location = value_get_str(r->site->contact, KEY(address)),
            .description = str_format(a, "%lld × %.*s. %.*s", (long long)l->quantity,
                STR_ARG(l->rate_name), STR_ARG(o->code)),
            .url = request_absolute_url(r, sale_order_path(r, o)),
        };
    }
    return calendar_ics(a, &calendar);
}
