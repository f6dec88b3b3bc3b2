#include "web/office/frame/list.h"

#include "base/buf.h"
#include "base/text.h"
#include "http/form.h"
#include "http/respond.h"
#include "http/route.h"

enum { QUERY_MAX = 8192 };

// "key~number": what the rows are sorted by, and the row's own number.
static bool cursor_read(struct str cursor, enum office_list_order order, struct office_list *list)
{
    int64_t n;
    struct str key = cursor, id = STR_NULL;
    for (size_t i = cursor.len; i-- > 0;)
        if (cursor.p[i] == '~') {
            key = str_sub(cursor, 0, i);
            id = str_sub(cursor, i + 1, cursor.len);
            break;
        }
    if (!id.p || !str_to_i64(id, &n) || (order == OFFICE_LIST_NUMBER && !str_to_i64(key, &n)))
        return false;
    list->after = key;
    list->after_id = id;
    return true;
}

struct office_list office_list_of(struct request *r, enum office_list_order order)
{
    struct office_list list = {.r = r, .items = value_list(r->arena)};
    struct str search = form_str(r, KEY(q));
    if (search.len)
        list.search = text_fold(r->arena, search);
    // A person is shown the beginning; a program would go round in circles.
    struct str after = form_str(r, KEY(after));
    if (!cursor_read(after, order, &list) && after.len && r->wants_json)
        form_refuse(r, "after", "cursor");
    return list;
}

struct str office_list_below(const struct office_list *list)
{
    return list->after_id.p ? list->after_id : str_of_i64(list->r->arena, INT64_MAX);
}

struct str office_list_above(const struct office_list *list)
{
    return list->after_id.p ? list->after_id : STR("0");
}

struct str office_list_limit(const struct office_list *list)
{
    return str_of_i64(list->r->arena, OFFICE_LIST_ROWS + 1);
}

bool office_list_more(const struct rows *rows, int i)
{
    return i < rows->count && i < OFFICE_LIST_ROWS;
}

void office_list_next(
    struct office_list *list, const struct rows *rows, value_key order, value_key id)
{
    if (rows->count > OFFICE_LIST_ROWS)
        list->next = str_join(list->r->arena, rows_str(rows, OFFICE_LIST_ROWS - 1, order), STR("~"),
            rows_str(rows, OFFICE_LIST_ROWS - 1, id), STR_NULL);
}

// What only the page that comes next needs to know.
static bool passes(struct str name)
{
    return str_is(name, "after") || str_is(name, "done") || str_is(name, "what");
}

// What was chosen of filters that features add: name_KEY=text.
static void add_chosen(struct buf *b, struct str name, const struct value *chosen)
{
    for (size_t i = 0; i < value_count(chosen); i++) {
        buf_add_char(b, b->len ? '&' : '?');
        buf_add(b, name);
        buf_add_char(b, '_');
        buf_add_url(b, value_get_str(value_at(chosen, i), KEY(key)));
        buf_add_char(b, '=');
        buf_add_url(b, value_get_str(value_at(chosen, i), KEY(text)));
    }
}

static struct str query_of(const struct request *r, const char *field, struct str value)
{
    struct buf b;
    buf_init(&b, r->arena, QUERY_MAX);
    for (size_t f = 0; r->route->form && f < r->route->form->count; f++) {
        struct str name = str_of(r->route->form->fields[f].name), text = STR_NULL;
        if (str_eq(name, str_of(field)))
            text = value;
        else if (passes(name))
            continue;
        else if (r->route->form->fields[f].kind == FIELD_TEXTS)
            add_chosen(&b, name, value_get(r->form, value_key_find(name)));
        else
            text = value_get_str(value_get(r->typed, value_key_find(name)), KEY(value));
        if (!text.len)
            continue;
        buf_add_char(&b, b.len ? '&' : '?');
        buf_add(&b, name);
        buf_add_char(&b, '=');
        buf_add_url(&b, text);
    }
    return buf_str(&b);
}

struct str office_query_with(const struct request *r, const char *field, struct str value)
{
    return query_of(r, field, value);
}

static struct value *filters_of(struct request *r, struct value *view)
{
    struct value *filters = value_get(view, KEY(filters));
    if (!filters)
        value_set(r->arena, view, KEY(filters), filters = value_list(r->arena));
    return filters;
}

void office_list_filter_named(struct request *r, struct value *view,
    const struct office_filter_named *filter, struct value *options)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, filters_of(r, view));
    struct str chosen = filter->chosen;
    value_set_str(a, item, KEY(name), filter->name);
    value_set_str(a, item, KEY(title), filter->title);
    for (size_t i = 0; i < value_count(options); i++) {
        struct value *option = value_at(options, i);
        struct str value = value_get_str(option, KEY(value));
        value_set_bool(a, option, KEY(chosen), value.len ? str_eq(value, chosen) : !chosen.len);
    }
    value_set(a, item, KEY(options), options);
}

void office_list_filter_of(struct request *r, struct value *view,
    const struct office_filter *filter, struct value *options)
{
    office_list_filter_named(r, view,
        &(struct office_filter_named){.name = str_of(filter->name),
            .title = message(r->arena, r->words, str_of(filter->key), NULL),
            .chosen = form_str(r, value_key_intern(str_of(filter->name)))},
        options);
}

void office_list_filter(struct request *r, struct value *view, const struct office_filter *filter)
{
    struct arena *a = r->arena;
    struct value *options = value_list(a);
    for (const char *const *v = filter->values; *v; v++) {
        struct value *option = value_append_object(a, options);
        struct str key =
            str_join(a, str_of(filter->key), STR("."), str_of(**v ? *v : "all"), STR_NULL);
        value_set_str(a, option, KEY(value), str_of(*v));
        value_set_str(a, option, KEY(label), message(a, r->words, key, NULL));
    }
    office_list_filter_of(r, view, filter, options);
}

void office_list_respond(struct request *r, const char *template_name, struct value *view,
    const struct office_list *list)
{
    struct arena *a = r->arena;
    if (r->wants_json && form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    if (r->wants_json) {
        struct value *answer = value_object(a);
        value_set(a, answer, KEY(items), list->items);
        value_set_str(a, answer, KEY(next), list->next);
        respond_json(r, 200, answer);
        return;
    }
    struct value *v = value_object(a);
    struct str path = request_url(r, r->path);
    value_set(a, view, KEY(list), v);
    value_set(a, v, KEY(items), list->items);
    value_set_bool(a, v, KEY(has_items), value_count(list->items) > 0);
    value_set_str(a, v, KEY(search), form_str(r, KEY(q)));
    value_set_str(a, v, KEY(action_url), path);
    value_set_bool(a, v, KEY(filtered), office_query_with(r, "", STR_NULL).len > 0);
    value_set_str(a, v, KEY(reset_url), path);
    value_set_bool(a, v, KEY(at_start), !list->after_id.p);
    value_set_str(
        a, v, KEY(first_url), str_join(a, path, office_query_with(r, "after", STR_NULL), STR_NULL));
    value_set_str(a, v, KEY(next_url),
        list->next.len ? str_join(a, path, office_query_with(r, "after", list->next), STR_NULL)
                       : STR_NULL);
    filters_of(r, view);
    respond_page(r, form_refused(r) ? 422 : 200, template_name, view);
}
