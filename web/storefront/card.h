// An offer as a card: on the home page, in the list, beside another offer.
#pragma once

#include "domain/catalogue.h"
#include "http/request.h"

struct value *card_value(struct request *r, int64_t now_us, const struct catalogue_card *card);
// The fields that cards and the offer's own page share.
void card_add(
    struct request *r, int64_t now_us, const struct catalogue_card *card, struct value *view);
// "/offers/SLUG", in the request's language.
struct str card_url(struct request *r, struct str slug);
// Places left when they are few enough to say so, else NULL.
struct value *card_few(struct request *r, bool exclusive, int64_t left, int64_t capacity);
