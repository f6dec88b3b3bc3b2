// The words on screen, in every language: flat keys in `locales/<lang>.json`, ICU MessageFormat
// with named arguments. A text without braces is taken literally; `{name}` alone costs a copy; only
// plurals, selects and formats go through ICU, parsed at first use and remembered with their
// results. Loaded before the fork, then used by a worker's loop thread only (the lazily parsed
// patterns are not shared between threads).
//
// A message that a language lacks is taken from English; a key that English lacks shows as itself.
// Core keys read `storefront.basket.title`; a plugin's files hold `title` and are loaded under
// `x.<plugin>.`. English (en) is the measure that other languages are checked against.
#pragma once

#include "base/buf.h"
#include "base/value.h"
#include "io/source.h"

struct messages;
struct catalogue;            // one language
typedef uint32_t message_id; // the same in all languages; 0 is no message

enum { MESSAGE_ARGS_MAX = 8, MESSAGE_LANGUAGES_MAX = 16 };

struct messages *messages_new(struct arena *a);
// Adds every `<lang>.json` of the directory; `prefix` is "" or "x.<plugin>.". A missing directory
// has none. A key that is already there is refused.
bool messages_add_dir(
    struct messages *m, const char *dir, struct str prefix, struct source_error *e);
// Every folder called locales below `dir`: a page's words may stand beside it.
bool messages_add_tree(struct messages *m, const char *dir, struct source_error *e);
// After the last directory: fills what languages lack.
void messages_finish(struct messages *m);
// Closes what ICU opened; the rest goes with the arena.
void messages_fini(struct messages *m);

// English when that language isn't there; "fr-CA" finds "fr".
struct catalogue *messages_language(const struct messages *m, struct str lang);
bool messages_has_language(const struct messages *m, struct str lang);
struct str catalogue_lang(const struct catalogue *c);

// 0 when no language has the key.
message_id message_find(const struct messages *m, struct str key);
struct str message_key(const struct messages *m, message_id id);

// An object with a `text` field stands for that text; absent shows as nothing.
struct message_arg {
    value_key name;
    const struct value *value;
};

// The text, unescaped. Without arguments it is borrowed from the catalogue, else from the arena.
struct str message_text(struct arena *a, struct catalogue *c, message_id id,
    const struct message_arg *args, size_t count);
// The text of a key, for handlers: an unknown key shows as itself.
//   message(a, lang, STR("storefront.basket.left"), "count", value_int(a, 3), NULL)
struct str message(struct arena *a, struct catalogue *c, struct str key, ...)
    __attribute__((sentinel));
// Appends it escaped for HTML; a message without arguments is kept escaped.
void message_add_html(struct buf *b, struct catalogue *c, message_id id,
    const struct message_arg *args, size_t count);

// Names of the arguments that a message's English pattern uses, sorted; for checks.
struct value *message_arguments(struct arena *a, const struct messages *m, message_id id);
// What is wrong with the catalogues, as strings: a key that another language lacks or has alone,
// differing arguments, patterns that ICU refuses. For tests and `scripts/check`.
struct value *messages_check(struct arena *a, const struct messages *m);
