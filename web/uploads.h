// Files larger than one request: begun with their size, sent in parts, each where the last one
// ended
// (?at=…), then named by their number in the form that takes them. What such routes share, of the
// office and of the console: how they answer and refuse, and where a part belongs.
#pragma once

#include "domain/upload.h"
#include "http/form.h"

// Of the route that begins one: its size and a name.
extern const struct form uploads_form;

// The upload as JSON; `path` is where its parts go, its number behind it: "/manage/uploads/".
void uploads_answer(struct request *r, int status, const struct upload *upload, const char *path);
void uploads_refuse(struct request *r, enum upload_result result);
// The place of the part that the body is; answers and gives false when it is none.
bool uploads_place(struct request *r, int64_t *at);
