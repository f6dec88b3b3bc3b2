// An address for somebody whose first choice can't be had: one that the venue would put on its
// door, made of its own name and of what it is, and free at the moment.
#pragma once

#include "domain/blueprint.h"
#include "http/request.h"

// Of the form that `r` carries (fields slug, venue_name, kind); absent when nothing good is free.
// What looks like another venue's address is never built upon.
struct str signup_address_suggest(struct request *r, enum address_result why);
// What is wrong with the form's address, with a suggestion where there is one.
struct str signup_address_text(struct request *r, enum address_result why);
// Refuses the field `slug` with it.
void signup_address_refuse(struct request *r, enum address_result why);
