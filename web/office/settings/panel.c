#include "web/office/settings/panel.h"

#include "http/form.h"
#include "http/respond.h"

struct str panel_words(const struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

void panel_refuse(struct request *r, const char *field, const char *code, const char *key)
{
    form_refuse_text(r, field, code, panel_words(r, key));
}

struct value *panel_page(struct request *r, const char *title)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *settings = value_object(a);
    value_set(a, view, KEY(settings), settings);
    value_set_str(a, settings, KEY(title), panel_words(r, title));
    value_set_str(a, settings, KEY(line), STR_NULL);
    value_set(a, settings, KEY(back), NULL);
    value_set(a, settings, KEY(frame_url), NULL);
    value_set(a, view, KEY(conflict), NULL);
    value_set(a, view, KEY(history), NULL);
    value_set(a, settings, KEY(panels), value_list(a));
    return view;
}

static struct value *settings_of(struct value *view)
{
    return value_get(view, KEY(settings));
}

void panel_page_line(struct request *r, struct value *view, struct str text)
{
    value_set_str(r->arena, settings_of(view), KEY(line), text);
}

void panel_page_back(struct request *r, struct value *view, const char *label, struct str path)
{
    struct value *back = value_object(r->arena);
    value_set(r->arena, settings_of(view), KEY(back), back);
    value_set_str(r->arena, back, KEY(label), panel_words(r, label));
    value_set_str(r->arena, back, KEY(back_url), request_url(r, path));
}

struct value *panel_add(struct request *r, struct value *view, const char *id, const char *title)
{
    struct arena *a = r->arena;
    struct value *panel = value_append_object(a, value_get(settings_of(view), KEY(panels)));
    value_set_str(a, panel, KEY(id), str_of(id));
    value_set_str(a, panel, KEY(title), panel_words(r, title));
    value_set_str(a, panel, KEY(text), STR_NULL);
    value_set_str(a, panel, KEY(shown_code), STR_NULL);
    value_set_str(a, panel, KEY(action_url), STR_NULL);
    value_set_str(a, panel, KEY(picture_html), STR_NULL);
    value_set(a, panel, KEY(fields), value_list(a));
    value_set(a, panel, KEY(hidden), value_list(a));
    value_set(a, panel, KEY(buttons), value_list(a));
    value_set(a, panel, KEY(items), value_list(a));
    value_set(a, panel, KEY(links), value_list(a));
    value_set_bool(a, panel, KEY(has_items), false);
    value_set_bool(a, panel, KEY(has_file), false);
    value_set_bool(a, panel, KEY(has_links), false);
    return panel;
}

void panel_text(struct request *r, struct value *panel, struct str text)
{
    value_set_str(r->arena, panel, KEY(text), text);
}

void panel_code(struct request *r, struct value *panel, struct str code)
{
    value_set_str(r->arena, panel, KEY(shown_code), code);
}

void panel_form(struct request *r, struct value *panel, struct str path, const char *button)
{
    value_set_str(r->arena, panel, KEY(action_url), request_url(r, path));
    value_set_str(r->arena, panel, KEY(submit), panel_words(r, button));
}

void panel_button(struct request *r, struct value *panel, const char *label, const char *value)
{
    struct value *button = value_append_object(r->arena, value_get(panel, KEY(buttons)));
    value_set_str(r->arena, button, KEY(label), panel_words(r, label));
    value_set_str(r->arena, button, KEY(value), str_of(value));
}

void panel_hidden(struct request *r, struct value *panel, const char *name, struct str value)
{
    struct value *hidden = value_append_object(r->arena, value_get(panel, KEY(hidden)));
    value_set_str(r->arena, hidden, KEY(name), str_of(name));
    value_set_str(r->arena, hidden, KEY(value), value);
}

static void set_kind(struct request *r, struct value *v, enum panel_kind kind)
{
    static const char *const inputs[] = {[PANEL_TEXT] = "text",
        [PANEL_EMAIL] = "email",
        [PANEL_PASSWORD] = "password",
        [PANEL_PHONE] = "tel",
        [PANEL_COLOUR] = "color",
        [PANEL_DATE] = "date",
        [PANEL_CODE] = "text",
        [PANEL_FILE] = "file"};
    struct arena *a = r->arena;
    bool line = kind != PANEL_LONG && kind != PANEL_TICK && kind != PANEL_CHOICE;
    value_set_str(a, v, KEY(input), line ? str_of(inputs[kind]) : STR_NULL);
    value_set_bool(a, v, KEY(is_long), kind == PANEL_LONG);
    value_set_bool(a, v, KEY(is_tick), kind == PANEL_TICK);
    value_set_bool(a, v, KEY(is_choice), kind == PANEL_CHOICE);
    value_set_bool(a, v, KEY(is_colour), kind == PANEL_COLOUR);
    value_set_bool(a, v, KEY(is_password), kind == PANEL_PASSWORD);
    value_set_bool(a, v, KEY(is_code), kind == PANEL_CODE);
    value_set_bool(a, v, KEY(is_date), kind == PANEL_DATE);
    value_set_bool(a, v, KEY(is_file), kind == PANEL_FILE);
    value_set_bool(a, v, KEY(is_plain),
        line && kind != PANEL_COLOUR && kind != PANEL_PASSWORD && kind != PANEL_FILE);
}

struct value *panel_field(struct request *r, struct value *panel, const struct panel_field *f)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, value_get(panel, KEY(fields)));
    const struct value *typed = value_get(r->typed, value_key_find(str_of(f->name)));
    const struct value *value = value_get(typed, KEY(value));
    // What was typed is shown again on the page of the form that was refused, nowhere else.
    // A code is good once: a refused one is typed anew.
    bool again = form_refused(r) && typed && f->kind != PANEL_CODE;
    set_kind(r, v, f->kind);
    if (f->kind == PANEL_FILE)
        value_set_bool(a, panel, KEY(has_file), true);
    value_set_str(a, v, KEY(id), str_of(f->name));
    value_set_str(a, v, KEY(label), f->title.len ? f->title : panel_words(r, f->label));
    value_set_str(a, v, KEY(hint), f->hint ? panel_words(r, f->hint) : STR_NULL);
    value_set_str(a, v, KEY(hint_url), STR_NULL);
    value_set_str(a, v, KEY(error), value_get_str(typed, KEY(error)));
    value_set_str(a, v, KEY(value),
        again && value ? value_as_str(value)
        : f->value.p   ? f->value
                       : STR(""));
    value_set_bool(
        a, v, KEY(checked), again ? value_get_bool(typed, KEY(checked), false) : f->checked);
    value_set_bool(a, v, KEY(required), f->required);
    value_set_bool(a, v, KEY(fixed), f->fixed);
    value_set_int(a, v, KEY(len_max), f->len_max ? f->len_max : 200);
    value_set_int(a, v, KEY(rows), f->rows ? f->rows : 6);
    value_set_str(a, v, KEY(autocomplete), f->autocomplete ? str_of(f->autocomplete) : STR("off"));
    value_set_str(a, v, KEY(language), f->language.len ? f->language : STR_NULL);
    value_set(a, v, KEY(options), value_list(a));
    return v;
}

void panel_field_hint(struct request *r, struct value *field, struct str words, struct str path)
{
    value_set_str(r->arena, field, KEY(hint), words);
    value_set_str(r->arena, field, KEY(hint_url), request_url(r, path));
}

void panel_option(
    struct request *r, struct value *field, struct str value, struct str label, bool chosen)
{
    struct value *option = value_append_object(r->arena, value_get(field, KEY(options)));
    struct str typed = value_get_str(field, KEY(value));
    value_set_str(r->arena, option, KEY(value), value);
    value_set_str(r->arena, option, KEY(label), label);
    value_set_bool(r->arena, option, KEY(chosen), typed.len ? str_eq(typed, value) : chosen);
}

struct value *panel_item(struct request *r, struct value *panel, struct str title, struct str text)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, value_get(panel, KEY(items)));
    value_set_bool(a, panel, KEY(has_items), true);
    value_set_str(a, item, KEY(title), title);
    value_set_str(a, item, KEY(text), text.len ? text : STR_NULL);
    value_set_str(a, item, KEY(item_url), STR_NULL);
    value_set(a, item, KEY(state), NULL);
    value_set(a, item, KEY(buttons), value_list(a));
    return item;
}

void panel_item_link(struct request *r, struct value *item, struct str path)
{
    value_set_str(r->arena, item, KEY(item_url), request_url(r, path));
}

void panel_item_state(
    struct request *r, struct value *item, const char *state, struct str state_text)
{
    struct value *v = value_object(r->arena);
    value_set(r->arena, item, KEY(state), v);
    value_set_str(r->arena, v, KEY(kind), str_of(state));
    value_set_str(r->arena, v, KEY(state_text), state_text);
}

void panel_item_button(struct request *r, struct value *item, const char *label, struct str path)
{
    struct value *button = value_append_object(r->arena, value_get(item, KEY(buttons)));
    value_set_str(r->arena, button, KEY(label), panel_words(r, label));
    value_set_str(r->arena, button, KEY(action_url), request_url(r, path));
}

void panel_link(struct request *r, struct value *panel, const char *label, struct str path)
{
    struct value *link = value_append_object(r->arena, value_get(panel, KEY(links)));
    value_set_bool(r->arena, panel, KEY(has_links), true);
    value_set_str(r->arena, link, KEY(label), panel_words(r, label));
    value_set_str(r->arena, link, KEY(link_url), request_url(r, path));
}

void panel_respond_as(struct request *r, const char *name, struct value *view)
{
    // Machines get the page's own fields; panels are how people see them.
    if (r->wants_json)
        value_set(r->arena, view, KEY(settings), NULL);
    if (form_refused(r))
        respond_invalid(r, name, view);
    else
        respond_page(r, 200, name, view);
}

void panel_respond(struct request *r, struct value *view)
{
    panel_respond_as(r, "office/settings/page", view);
}

void panel_respond_gate(struct request *r, struct value *view)
{
    panel_respond_as(r, "office/settings/gate", view);
}
