// Verified persons at the desk (C8): what is said where somebody's address is one's and the rest
// isn't, and the way to invite them. For every page that takes an address.
#pragma once

#include "domain/person.h"
#include "http/request.h"

// 403: the page again, with a way to invite the person; nothing says what differs.
void customers_say_person(
    struct request *r, const char *template_name, struct value *view, struct str email);
