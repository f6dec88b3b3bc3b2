// The pages of the back office and its menu. A page file declares its routes and its place in the
// menu itself, so that a new page changes no other file:
//
//   static const struct office_nav nav = {.path = "/manage/offers", .label = "office.nav.offers",
//       .icon = "tag", .permission = PERMIT_OFFERS_READ, .rank = 40};
//   OFFICE_PAGE(routes, &nav)
//
// A page without a place in the menu says OFFICE_PAGE(routes, NULL). What a reader may not open
// isn't shown. README.md lists the ranks.
#pragma once

#include "http/route.h"

enum office_section { OFFICE_WORK, OFFICE_SETTINGS };

struct office_nav {
    const char *path;
    const char *label; // the key of its words
    const char *icon;  // of lucide; the sprite takes what stands behind `.icon =`
    enum permission permission;
    enum office_section section;
    int rank;
};

// One file's; kept.
struct office_page {
    const struct route *routes;
    size_t count;
    const struct office_nav *nav;
    struct office_page *next;
};

void office_page_add(struct office_page *page);

// Runs before main, in no order that matters: the menu is sorted by rank.
#define OFFICE_PAGE(routes_, nav_)                                                      \
    __attribute__((constructor)) static void office_page_declare(void)                  \
    {                                                                                   \
        static struct office_page page = {                                              \
            .routes = routes_, .count = sizeof routes_ / sizeof *routes_, .nav = nav_}; \
        office_page_add(&page);                                                         \
    }

// Once at start.
void office_pages_start(void);
// Adds `nav`, `settings_nav` and `has_settings_nav` to the view's office: what this reader may
// open.
void office_nav_view(struct request *r, struct value *office);
