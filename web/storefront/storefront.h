// The storefront: what customers see of a site.
#pragma once

#include "http/request.h"

void storefront_start(void);

// An offer's page with its booking panel, also after a refused POST: r->errors says why (a field
// "slot" or "quantity" with a code of sale_refusal_code, a field "quantity_RATE" for one rate),
// r->form what was chosen.
void offer_page(struct request *r, struct str slug, int status);
