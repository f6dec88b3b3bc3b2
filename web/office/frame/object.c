#include "web/office/frame/object.h"

#include "http/form.h"
#include "http/respond.h"
#include "web/office/frame/difference.h"

void office_object_view(struct request *r, struct value *view, const struct office_object *object)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set(a, view, KEY(object), v);
    value_set_str(a, v, KEY(title), object->title);
    value_set_str(a, v, KEY(list_title), message(a, r->words, str_of(object->list_label), NULL));
    value_set_str(a, v, KEY(list_url), request_url(r, str_of(object->list_path)));
}

void office_tab_add(struct request *r, struct value *view, const char *label, struct str path)
{
    struct arena *a = r->arena;
    struct value *tabs = value_get(view, KEY(tabs));
    if (!tabs)
        value_set(a, view, KEY(tabs), tabs = value_list(a));
    struct value *tab = value_append_object(a, tabs);
    value_set_str(a, tab, KEY(title), message(a, r->words, str_of(label), NULL));
    value_set_str(a, tab, KEY(tab_url), request_url(r, path));
    value_set_bool(a, tab, KEY(current), str_eq(r->path, path));
    value_set_bool(a, view, KEY(has_tabs), true);
}

struct value *office_notice(
    struct request *r, struct value *view, const char *kind, struct str text)
{
    struct arena *a = r->arena;
    // JSON has no notices.
    struct value *notices = value_get(view, KEY(notices));
    struct value *notice = notices ? value_append_object(a, notices) : value_object(a);
    value_set_str(a, notice, KEY(kind), str_of(kind));
    value_set_str(a, notice, KEY(text), text);
    value_set(a, notice, KEY(undo), value_null());
    return notice;
}

void office_notice_undo(struct request *r, struct value *notice, struct str path)
{
    struct value *undo = value_object(r->arena);
    value_set(r->arena, notice, KEY(undo), undo);
    value_set_str(r->arena, undo, KEY(undo_url), request_url(r, path));
}

struct value *office_done(struct request *r, struct value *view, struct str title)
{
    struct arena *a = r->arena;
    struct str done = form_str(r, KEY(done));
    struct str place = r->surface == SURFACE_CONSOLE ? STR("console.done.") : STR("office.done.");
    struct str key = str_join(a, place, done, STR_NULL);
    if (!done.len || r->wants_json || !message_find(respond_parts()->messages, key))
        return NULL;
    return office_notice(
        r, view, "success", message(a, r->words, key, "title", value_str(a, title), NULL));
}

// Only fields that were typed: a program may have sent some of them.
static struct value *differences(struct request *r, const struct office_conflict *c)
{
    struct value *theirs = value_object(r->arena);
    struct field_words w = {.r = r, .kind = c->kind, .feature = c->feature, .names = c->names};
    for (size_t i = 0; value_is(c->yours, VALUE_OBJECT) && i < c->yours->object.count; i++) {
        value_key key = c->yours->object.fields[i].key;
        value_set(r->arena, theirs, key, value_get(c->theirs, key));
    }
    return difference_list(&w, theirs, c->yours);
}

void office_conflict_respond(struct request *r, const char *template_name, struct value *view,
    const struct office_conflict *c)
{
    struct arena *a = r->arena;
    if (r->wants_json || r->sent_json) {
        respond_conflict(r, c->theirs);
        return;
    }
    struct value *v = value_object(a);
    value_set(a, view, KEY(conflict), v);
    value_set_str(a, v, KEY(who), c->who.len ? c->who : STR_NULL);
    value_set(a, v, KEY(when),
        c->at_us ? format_time_value(a, r->format, request_site(r)->zone, c->at_us) : value_null());
    value_set(a, v, KEY(differences), differences(r, c));
    respond_page(r, 409, template_name, view);
}

void office_confirm_respond(struct request *r, const struct office_confirm *c)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *v = value_object(a);
    value_set(a, view, KEY(confirm), v);
    value_set_str(a, v, KEY(title), c->title);
    value_set_str(a, v, KEY(text), c->text);
    value_set_str(a, v, KEY(button), c->button);
    value_set_str(a, v, KEY(action_url), request_url(r, c->action_path));
    value_set_str(a, v, KEY(back_url), request_url(r, c->back_path));
    value_set_str(a, v, KEY(word), c->typed.len ? c->typed : STR_NULL);
    value_set(a, v, KEY(concerned), c->concerned ? c->concerned : value_null());
    const char *page = r->surface == SURFACE_CONSOLE ? "console/confirm" : "office/confirm";
    if (form_refused(r))
        respond_invalid(r, page, view);
    else
        respond_page(r, 200, page, view);
}

bool office_confirmed(struct request *r, struct str typed)
{
    if (str_eq(str_trim(form_str(r, KEY(typed))), typed))
        return true;
    form_refuse_text(r, "typed", "unconfirmed",
        message(r->arena, r->words, STR("office.confirm.wrong"), "word", value_str(r->arena, typed),
            NULL));
    return false;
}
