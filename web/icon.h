// /favicon.ico, which browsers and feed readers ask for whatever the page says.
#pragma once

#include "http/request.h"

// Leads to the site's logo, or to our own picture.
void on_icon(struct request *r);
