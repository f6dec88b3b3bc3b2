// The storefront: what customers see of a site.
#pragma once

void storefront_start(void);
