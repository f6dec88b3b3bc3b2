// Handlers of the pages that show what is on sale. Each is one flush and one view.
#pragma once

#include "http/route.h"

// The legal pages a venue may write, in their order; NULL-terminated.
extern const char *const common_pages[];

extern const struct form offers_form, offer_form, brand_form;

// The site's colours as custom properties.
struct str brand_css(struct arena *a, const struct value *branding);

void on_home(struct request *r);
void on_offers(struct request *r);
void on_offer(struct request *r);
void on_file(struct request *r);
void on_brand(struct request *r);
void on_sitemap(struct request *r);
void on_robots(struct request *r);
void on_legal(struct request *r);
void on_help(struct request *r);
