// Choosing a customer where something is done for one: the first matches of what was typed, and the
// one that was chosen. Somebody who was deleted meanwhile isn't among them any more.
#pragma once

#include "domain/customer_record.h"
#include "http/request.h"

// Adds `matches` [{id, name, email, phone_text}], `has_matches` and `who`, what was typed. False
// when the database doesn't answer.
bool customers_pick_view(struct request *r, struct value *view, struct str typed);
// The page that adds a customer and comes back to `back`, the path of a booking or of whose an
// order is, with the new one chosen.
struct str customers_new_url(struct request *r, struct str back);
// The form's `next` where it is such a path, else nothing: it came with the address.
struct str customers_back(const struct request *r);
// {id, name, email, phone_text, customer_url}.
struct value *customers_picked(struct request *r, const struct customer *c);
