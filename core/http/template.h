// Pages and mails: Mustache with inheritance, compiled once to an op array that never changes
// afterwards, so all fibers of a worker share it. Logic-free and escaped by default: a venue may
// edit its own. Compiled beside Mustache's own tags, none of them a lambda:
//
//   {{#t}}storefront.basket.left count=basket.count{{/t}}   a message, arguments are view paths
//   {{#asset}}styles/site.css{{/asset}}                     its fingerprinted address
//   {{#icon}}calendar{{/icon}}  {{#icon}}{{name}}{{/icon}}  an inline icon of the sprite
//
// A message's argument that is an object with a `text` field (amounts, times) stands for that text.
// `.html` files are escaped, and white space at line starts is dropped from them except inside
// <pre> and <textarea>. `.txt` files are neither escaped nor reshaped; their name keeps the suffix.
// A set belongs to one thread and lives until its process ends; rendering never waits.
#pragma once

#include "base/buf.h"
#include "base/value.h"
#include "http/asset.h"
#include "http/message.h"
#include "io/source.h"

enum {
    TEMPLATE_LEN_MAX = 256 * 1024,
    TEMPLATE_NESTING_MAX = 32,          // sections within sections in one file
    TEMPLATE_DEPTH_MAX = 100,           // sections, partials, parents and blocks while rendering
    TEMPLATE_STEPS_MAX = 1000000,       // ops of one rendering
    TEMPLATE_OVERRIDE_NAMES_MAX = 2048, // names that only sites' own templates use, in a process
};

// What is wrong with a template that strangers write, as the error's `code`: "open" (`name` is
// never closed), "stray" (it closes nothing), "crossed" (it stands where `other`, of `other_line`,
// must close), "deep", "triple" ({{{ without }}}), "name" (not one word). Other errors have none.

enum template_form {
    TEMPLATE_PAGE,  // HTML
    TEMPLATE_TEXT,  // plain text: nothing is escaped
    TEMPLATE_EXACT, // escaped as HTML, white space to the letter of the specification
};

struct template;
struct template_set;

// `assets` NULL (tests without a front-end build): every asset gets the hash "0".
struct template_set *template_set_new(
    struct arena *a, struct messages *messages, const struct assets *assets);
// Adds every .html and .txt file below `dir`: "storefront/home.html" becomes
// prefix + "storefront/home". Later files of the same name replace earlier ones.
bool template_set_add_tree(
    struct template_set *set, const char *dir, struct str prefix, struct source_error *e);
bool template_set_add(struct template_set *set, struct str name, enum template_form form,
    struct str text, struct source_error *e);
// After the last addition: every partial and parent must exist. `lenient` lets missing ones render
// as nothing, as the specification says.
bool template_set_finish(struct template_set *set, bool lenient, struct source_error *e);
// NULL when there is none. Look up once and keep the pointer.
const struct template *template_find(const struct template_set *set, struct str name);

// Every message of every template gets the arguments that its English text asks for. A list of
// problems as strings; for tests and `scripts/check`.
struct value *template_set_check(struct arena *a, const struct template_set *set);

// A site's own templates. They are compiled from text given at run time into the overlay's arena
// and stand in for the set's templates of the same name wherever those are used.
struct template_overlay *template_overlay_new(struct arena *a, const struct template_set *set);
// False with `e` filled: the built-in one keeps serving, and the manager is told.
bool template_overlay_add(
    struct template_overlay *overlay, struct str name, struct str text, struct source_error *e);

struct template_input {
    const struct value *view;
    struct catalogue *language;
    const struct template_overlay *overlay; // NULL: the site has no own templates
};

enum template_outcome {
    TEMPLATE_DONE,
    TEMPLATE_FELL_BACK, // complete, but by the built-in templates: the site's own broke a limit
    TEMPLATE_TOO_LARGE, // the buffer's limit
    TEMPLATE_TOO_DEEP,
    TEMPLATE_TOO_LONG,
};

// Appends the page to `out`. Unless done or fallen back, what stands in `out` is cut back to what
// it was.
__attribute__((warn_unused_result)) enum template_outcome template_render(
    const struct template *t, const struct template_input *in, struct buf *out);
