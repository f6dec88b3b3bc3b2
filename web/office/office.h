// The back office of a site: what its staff sees under /manage.
#pragma once

#include "http/route.h"

void office_start(void);

// Where staff logs in.
struct login_place;
extern const struct login_place office_login_place;
// Adds `support` to the view's office while an operator works here: who, until when, how to go on.
void office_support_view(struct request *r, struct value *office);

// What `?done=…&feature=…` says has just been done, as a notice of the view.
void office_add_notice(struct request *r, struct value *view);
// A feature's page again, after one of its forms was refused.
struct feature_info;
void office_feature_again(struct request *r, const struct feature_info *info);
