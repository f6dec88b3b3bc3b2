// What the pages of one offer share: finding it, its head with state and tabs, answers to what the
// domain refused.
#pragma once

#include "http/route.h"
#include "web/office/offers/offer_form.h"

// "/manage/offers/12345" with `tail` behind it.
struct str offer_path(const struct request *r, struct str id, const char *tail);
bool offer_may_change(const struct request *r);
struct str offer_title(const struct request *r, const struct offer *offer);

// The offer that the route's first parameter names, with what was added to the unit before; answers
// and is false without one.
bool offer_of_route(struct request *r, struct unit *u, struct offer *out);
// The route's number, 0 when it isn't one.
int64_t offer_id_of_route(const struct request *r);
// The page's head: object, tabs, `offer` {id, version, state, …, urls}, what has just been done.
void offer_view(struct request *r, struct value *view, const struct offer *offer);
void offer_problem(struct request *r, enum offer_result result);

// The form of a new offer, and the rate it may bring.
void offer_new_view(struct request *r, struct value *view, const struct value *doc,
    const struct offer_choices *choices);
struct value *offer_first_rate(struct request *r);

// The page that a customer would see of it (with refusals shown as notices).
void offer_preview(struct request *r, const struct offer *offer, const struct value *doc);

// Its history and that of its prices, or of these only; each entry of a price says which.
int offer_history_add(struct request *r, struct unit *u, bool prices_only);
void offer_history_view(
    struct request *r, struct value *view, const struct rows *rows, const struct value *names);
