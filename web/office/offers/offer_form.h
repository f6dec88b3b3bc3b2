// The form of an offer: its fields from what is stored, and what was sent as an offer's object
// (domain/offer.h) with refusals beside their fields.
#pragma once

#include "domain/offer.h"
#include "http/form.h"

extern const struct form offer_edit_form;

// What a form may choose from, read together with the offer.
struct offer_choices {
    const struct rows *categories, *taxes, *resources;
};
struct offer_choice_places {
    int categories, taxes, resources;
};
struct offer_choice_places offer_choices_add(struct request *r, struct unit *u);
struct offer_choices offer_choices_take(struct unit *u, struct offer_choice_places places);

// Where a new offer begins.
struct value *offer_doc_new(struct request *r, const struct offer_choices *choices);
// `base` with what was sent; refusals are in the request.
struct value *offer_doc_sent(
    struct request *r, const struct value *base, const struct offer_choices *choices);
// Adds `sets` (of fields), `texts` and `resources` to the view.
void offer_form_view(struct request *r, struct value *view, const struct value *doc,
    const struct offer_choices *choices);

// What its category, tax and resources are called, for histories and conflicts.
struct value *offer_names(struct request *r, const struct offer_choices *choices);

// Texts by language as typed, at most `max` characters each and one line unless `lines`: only those
// that aren't empty.
struct offer_texts {
    const char *field;
    int64_t max;
    bool lines, required; // in the site's first language
};
struct value *offer_texts_sent(
    struct request *r, const struct value *base, const struct offer_texts *texts);
// "title_fr".
const char *offer_text_id(struct request *r, const char *field, struct str language);
