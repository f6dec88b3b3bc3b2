// The words of a notification made into a mail, and into the preview beside where they are written:
// variables filled in, Markdown turned into safe HTML. What a variable says is shown as it is; it
// can't bring Markdown or HTML of its own.
#pragma once

#include "base/value.h"
#include "http/message.h"
#include "io/source.h"

enum { NOTICE_LEN_MAX = 64 * 1024 };

struct notice {
    struct str subject, html, text;
};

struct notice_words {
    struct str subject, body;      // Mustache; the body Markdown as well
    const struct value *variables; // texts by name
    const struct value *site;      // {name, home_url, …}
    struct catalogue *language;
};

// False with `*why` when the Mustache can't be read, or when the text gets too long: its code is
// one of template.h's or "long". Its words are for those who write templates of pages.
bool notice_render(struct arena *a, const struct notice_words *words, struct notice *out,
    struct source_error *why);
