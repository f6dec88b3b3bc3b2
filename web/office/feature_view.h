// Features as the office shows them: what each does, needs and conflicts with, its state and
// switch.
#pragma once

#include "domain/feature.h"
#include "http/request.h"

// In the reader's language.
struct str feature_words(const struct request *r, const struct value *texts);
// "/manage/features/coupons" with `tail` behind it, for links.
struct str feature_url(const struct request *r, struct str name, const char *tail);
struct str feature_path(const struct request *r, struct str name, const char *tail);
// A feature for lists and for its own page.
struct value *feature_item(struct request *r, const struct feature_info *info);
// "1 card, 40 points": what it still owes, as lines; NULL when it couldn't say.
struct value *feature_owed_list(struct request *r, const struct feature_info *info);
struct feature_actor feature_actor_of(const struct request *r);

// The feature that the route's first parameter names; answers 404 and gives NULL without one.
const struct feature_info *feature_of_route(struct request *r);
