// The storefront: what customers see of a site.
#pragma once

#include "http/request.h"

void storefront_start(void);

// An offer's page with its booking panel, also after a refused POST.
void offer_page(struct request *r, struct str slug, int status);
