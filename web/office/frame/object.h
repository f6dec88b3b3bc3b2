// The page of one object: where it belongs, its tabs, what has just been done with the way back,
// two people editing it, and the question before what can't be undone.
#pragma once

#include "http/request.h"

// Adds `object` {title, list_title, list_url} that office/frame/object shows at the top.
struct office_object {
    struct str title;
    const char *list_path;  // "/manage/offers"
    const char *list_label; // the key of its words
};
void office_object_view(struct request *r, struct value *view, const struct office_object *object);

// Appends a tab of the object: a page of its own.
void office_tab_add(struct request *r, struct value *view, const char *label, struct str path);

// A notice at the top. Returns it, for office_notice_undo.
struct value *office_notice(
    struct request *r, struct value *view, const char *kind, struct str text);
// A button in it that takes the step back, by POST to `path`.
void office_notice_undo(struct request *r, struct value *notice, struct str path);
// What ?done=CODE says has just happened: `office.done.CODE` with {title}. NULL when it says
// nothing.
struct value *office_done(struct request *r, struct value *view, struct str title);

// The later of two people who edited the same version. `theirs` is what is stored now, `yours` what
// was typed: objects with the same fields as in the audit. The form comes again below with what was
// typed, and with the version that is there now, so that saving again is a decision.
struct office_conflict {
    const struct value *theirs, *yours;
    const struct feature_info *feature; // whose settings they are; or NULL
    struct str kind;                    // of the object; or absent
    const struct value *names;          // field_words.h; or NULL
    struct str who;                     // of the last change; absent when unknown
    int64_t at_us;
};
// 409 with both side by side; as JSON a problem with `current`.
void office_conflict_respond(struct request *r, const char *template_name, struct value *view,
    const struct office_conflict *conflict);

// A page that asks before what can't be undone. `typed` absent: a click is enough; else it must be
// typed into the field `typed`. `concerned`, or NULL: {text, items: [{title, page_url}], more}
// names what it happens to.
struct office_confirm {
    struct str title, text, button, action_path, back_path;
    struct str typed;
    struct value *concerned;
};
void office_confirm_respond(struct request *r, const struct office_confirm *confirm);
// Whether the right words were typed; refuses the field `typed` otherwise.
bool office_confirmed(struct request *r, struct str typed);
