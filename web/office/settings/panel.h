// Pages of settings as data: panels with forms of fields, or with lists of items that can be acted
// on. One template (office/settings/page, and office/settings/gate before the login) shows them
// all, so that every settings page looks, reads and refuses alike. A field shows what was typed
// after a refusal, else what holds. Labels are keys of the locales. Lives in the request's arena.
#pragma once

#include "http/request.h"

enum panel_kind {
    PANEL_TEXT,
    PANEL_EMAIL,
    PANEL_PASSWORD,
    PANEL_PHONE,
    PANEL_LONG,
    PANEL_TICK,
    PANEL_CHOICE, // panel_option
    PANEL_COLOUR,
    PANEL_DATE,
    PANEL_CODE, // a one-time code
    PANEL_FILE, // a picture; the form is sent as multipart
};

struct panel_field {
    const char *name, *label, *hint; // hint may be NULL
    enum panel_kind kind;
    struct str value; // what holds
    bool checked, required;
    bool fixed; // shown, and can't be changed here
    int len_max, rows;
    const char *autocomplete;
    struct str language; // that the value is written in; absent: the page's
    struct str title;    // instead of a label's words
};

// `view` gets `settings` {title, line, back…} and an empty list of panels.
struct value *panel_page(struct request *r, const char *title);
void panel_page_line(struct request *r, struct value *view, struct str text);
void panel_page_back(struct request *r, struct value *view, const char *label, struct str path);
// A panel with an id (for links to it) and the words of `title` above.
struct value *panel_add(struct request *r, struct value *view, const char *id, const char *title);
void panel_text(struct request *r, struct value *panel, struct str text);
// Something to copy: a key, a secret.
void panel_code(struct request *r, struct value *panel, struct str code);
// Makes it a form; `button` is the key of the words on its button.
void panel_form(struct request *r, struct value *panel, struct str path, const char *button);
// One more button of the form, which sends do=`value`.
void panel_button(struct request *r, struct value *panel, const char *label, const char *value);
struct value *panel_field(struct request *r, struct value *panel, const struct panel_field *field);
// A hint that leads somewhere.
void panel_field_hint(struct request *r, struct value *field, struct str words, struct str path);
void panel_hidden(struct request *r, struct value *panel, const char *name, struct str value);
void panel_option(
    struct request *r, struct value *field, struct str value, struct str label, bool chosen);

// A line of a list: what it is, and what can be done with it. `state` is "on", "off", "bad",
// "waiting" with `state_text` as its words.
struct value *panel_item(struct request *r, struct value *panel, struct str title, struct str text);
void panel_item_link(struct request *r, struct value *item, struct str path);
void panel_item_state(
    struct request *r, struct value *item, const char *state, struct str state_text);
// A button that posts to `path`; `name` is said to screen readers after the label.
void panel_item_button(struct request *r, struct value *item, const char *label, struct str path);
// A link that looks like a quiet button at the panel's foot.
void panel_link(struct request *r, struct value *panel, const char *label, struct str path);

// The words of a key without arguments.
struct str panel_words(const struct request *r, const char *key);
// Refuses a field with words of the locales' key.
void panel_refuse(struct request *r, const char *field, const char *code, const char *key);

// The page with 200, or 422 when a form of it was refused.
void panel_respond(struct request *r, struct value *view);
// The same without the office's frame, for who isn't in yet.
void panel_respond_gate(struct request *r, struct value *view);
// The same with another surface's template.
void panel_respond_as(struct request *r, const char *template_name, struct value *view);
