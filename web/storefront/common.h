// What every page of the storefront shows besides its own: categories in the header and, with a
// session, the basket's summary. A page that reads from the database does so in a unit of
// common_unit, so the summary comes along in its flush; one that has read the basket says so; any
// other costs a unit of its own.
#pragma once

#include "domain/catalogue.h"
#include "domain/order.h"
#include "http/respond.h"

void common_start(void);

struct unit *common_unit(struct request *r);
// The session's basket as the page has just read it; NULL: there is none.
void common_set_basket(struct request *r, const struct order *o);
// Who asks, for the catalogue's statements.
struct catalogue_reader common_reader(struct request *r);
// Starts the page's view; `category` (its slug, or absent) is marked in the header.
struct value *common_view(struct request *r, struct str category);

// A category with its address; NULL for 0 and for one without published offers.
struct value *common_category(struct request *r, int64_t id);
// The address of a picture in the art folder; the picture of the site's kind where it has none.
struct str common_picture(struct request *r, struct str art);
// In the request's language, or the site's first.
struct str common_text(const struct request *r, const struct value *texts);
// An address with fields that make no sense: 422, with the page and what is wrong with it.
void common_refused(struct request *r, const char *template_name, struct value *view);
