// Paths of a set-up (domain/setup.h) and their values as people read them: "features/coupons" is
// the feature's title, "branding/fonts" and "grotesk" are what the form calls them.
#pragma once

#include "web/office/frame/field_words.h"

struct str setup_path_text(struct request *r, struct str path);
// Amounts are in the currency of the words' site, or the request's; plans are known by the words'
// `names`. What isn't set is a dash.
struct str setup_value_text(const struct field_words *w, struct str path, const struct value *v);
// {plan: choices}, for `names`. NULL when the database doesn't answer.
struct value *setup_names(struct request *r);
