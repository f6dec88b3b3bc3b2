// Where mails go while no SMTP server is set: one .eml file a message in a folder, readable with
// any mail program and by tests. A file appears complete or not at all. Blocking, short, local.
#pragma once

#include "base/str.h"

// Writes `dir`/`<time>-<id>.eml` (time of the business clock, UTC, so names sort by time) and
// makes the folder where it is missing; `id` is letters, digits and dashes, other characters become
// dashes. `*path` (may be NULL) is the file's path from the arena. False, logged, when the disk
// refuses.
bool outbox_write(
    struct arena *a, struct str dir, struct str id, struct str message, struct str *path);
// Removes the messages of these ids, where there are any.
void outbox_remove(struct arena *a, struct str dir, const struct str *ids, size_t count);
