#include "web/office/frame/difference.h"

#include "http/format.h"
#include "web/setup_text.h"

enum { DIFFERENCES_MAX = 60, NESTING_MAX = 4 };

struct difference {
    struct str field, language;
    const struct value *before, *after;
};
struct differences {
    struct request *r;
    struct difference items[DIFFERENCES_MAX];
    int count;
    bool both; // both states were recorded: else what isn't filled in is left out
};

static void collect(struct differences *all, struct difference d, int depth);

static void collect_field(struct differences *all, const struct difference *within,
    const struct value_field *f, int depth)
{
    struct difference d = *within;
    struct str name = value_key_name(f->key);
    if (field_is_language(all->r, name) && d.field.len)
        d.language = name;
    else
        d.field = name;
    d.before = value_get(within->before, f->key);
    d.after = value_get(within->after, f->key);
    collect(all, d, depth + 1);
}

static bool by_language(const struct differences *all, const struct value *v)
{
    return value_is(v, VALUE_OBJECT) && v->object.count &&
           field_is_language(all->r, value_key_name(v->object.fields[0].key));
}

static bool is_blank(const struct value *v)
{
    return !v || value_is(v, VALUE_NULL) || (value_is(v, VALUE_STR) && !v->str.len);
}

// What there is to say about a field that isn't taken apart.
static bool is_said(const struct differences *all, const struct difference *d)
{
    if (!all->both)
        return !field_is_empty(d->field, d->before ? d->before : d->after);
    return !(is_blank(d->before) && is_blank(d->after)) && !value_equal(d->before, d->after);
}

static void collect(struct differences *all, struct difference d, int depth)
{
    const struct value *b = d.before, *a = d.after;
    bool apart = value_is(b, VALUE_OBJECT) || value_is(a, VALUE_OBJECT);
    if (depth && !all->both)
        apart = apart && !by_language(all, a) && !by_language(all, b);
    if (depth == NESTING_MAX || !apart) {
        if (depth && all->count < DIFFERENCES_MAX && is_said(all, &d))
            all->items[all->count++] = d;
        return;
    }
    for (size_t i = 0; value_is(a, VALUE_OBJECT) && i < a->object.count; i++)
        collect_field(all, &d, &a->object.fields[i], depth);
    for (size_t i = 0; value_is(b, VALUE_OBJECT) && i < b->object.count; i++)
        if (!value_get(a, b->object.fields[i].key))
            collect_field(all, &d, &b->object.fields[i], depth);
}

static void sort(struct differences *all)
{
    for (int i = 1; i < all->count; i++) {
        struct difference d = all->items[i];
        int k = i;
        for (; k > 0 && field_place(all->items[k - 1].field) > field_place(d.field); k--)
            all->items[k] = all->items[k - 1];
        all->items[k] = d;
    }
}

static void add_change(struct value *changes, const struct differences *all,
    const struct field_words *w, const struct difference *d)
{
    struct arena *a = w->r->arena;
    struct value *change = value_append_object(a, changes);
    bool path = str_find(d->field, STR("/")) >= 0;
    struct str label = path ? setup_path_text(w->r, d->field) : field_label(w, d->field);
    if (d->language.len)
        label = str_join(a, label, STR(", "), format_language_name(a, d->language), STR_NULL);
    const struct value *sides[] = {d->before, d->after};
    struct str texts[2] = {STR_NULL, STR_NULL};
    for (int i = 0; i < 2; i++)
        if (sides[i] || all->both)
            texts[i] =
                path ? setup_value_text(w, d->field, sides[i]) : field_value(w, d->field, sides[i]);
    // Two pictures read alike: there is another, that is all to say.
    if (str_eq(texts[0], texts[1]))
        texts[0] = STR_NULL;
    value_set_str(a, change, KEY(field), label);
    value_set_str(a, change, KEY(before), texts[0]);
    value_set_str(a, change, KEY(after), texts[1]);
}

struct value *difference_list(
    const struct field_words *w, const struct value *before, const struct value *after)
{
    struct arena *a = w->r->arena;
    struct value *changes = value_list(a);
    struct differences *all = arena_new_object(a, struct differences);
    *all = (struct differences){
        .r = w->r, .both = value_is(before, VALUE_OBJECT) && value_is(after, VALUE_OBJECT)};
    collect(all, (struct difference){.before = before, .after = after}, 0);
    sort(all);
    for (int i = 0; i < all->count; i++)
        add_change(changes, all, w, &all->items[i]);
    return changes;
}
