// Tickets as a PDF, one A4 page each: what, when, where, for whom, the QR code to be scanned and
// the same code in print. Texts come in translated and formatted; any script, right-to-left
// included. Pure but slow (10 ms and more): run it through offload(). Uses its thread's own font
// map.
#pragma once

#include "base/str.h"

enum { TICKET_PAGES_MAX = 100, TICKET_PDF_MAX = 16 << 20 };

enum ticket_face {
    TICKET_SANS,
    TICKET_SERIF, // the title and the site's name only
};

// What is behind a logo on the head, which has the brand's colour: a logo was made for the header
// of the site's pages.
enum ticket_plate { TICKET_PLATE_LIGHT, TICKET_PLATE_NONE, TICKET_PLATE_DARK };

// Words on every page, in the buyer's language.
struct ticket_words {
    struct str place, holder, rate, price, order, code; // labels
    struct str hint;                                    // how to use it; may be absent
};

struct ticket_page {
    struct str offer, subtitle;  // subtitle may be absent
    struct str date, time, zone; // zone: "Europe/Madrid", "Central European Time"; may be absent
    struct str place, holder, rate, price;
    struct str qr;    // what the QR code says
    struct str code;  // the same for people: ABCD EFGH
    struct str count; // "1 of 3"; may be absent
};

struct ticket_document {
    struct str title; // of the document, in its metadata
    struct str lang;  // BCP 47, "fr"
    bool right_to_left;
    uint32_t brand; // 0xRRGGBB
    enum ticket_face face;
    bool sharp;      // the card's corners
    struct str logo; // a PNG; may be absent
    enum ticket_plate plate;
    struct str site, order;    // the site's name, the order's number
    struct str contact, legal; // lines may be separated by LF
    int64_t created_us;
    struct ticket_words words;
    const struct ticket_page *pages;
    size_t page_count;
};

// The PDF from the arena; absent when there is no page, too many, or a code that no QR can hold.
struct str ticket_pdf(struct arena *a, const struct ticket_document *d);
