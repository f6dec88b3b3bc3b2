// What the page that previews and the page of a batch both say. Private to this folder.
#pragma once

#include "http/request.h"
#include "web/office/customers/many.h"

// "/manage/customers/many/12" with an end such as "/undo".
struct str many_path(struct request *r, int64_t id, const char *end);
// "Add the tag “VIP”".
struct str many_title(struct request *r, const struct many_action *action);
// The batches of the site, latest first. False without an answer.
bool many_add_latest(struct request *r, struct value *many);
