#include "web/setup_text.h"

#include "domain/plan.h"
#include "http/respond.h"
#include "web/office/frame/fields.h"

struct path {
    struct str section, name, field; // "features", "coupons", "uses"; `field` may be absent
    const struct feature_info *feature;
};

static struct path path_of(struct str path)
{
    struct path p = {.field = path};
    p.section = str_cut(&p.field, '/');
    p.name = str_cut(&p.field, '/');
    if (str_is(p.section, "features"))
        p.feature = feature_info_find(p.name);
    return p;
}

struct str setup_path_text(struct request *r, struct str path)
{
    struct arena *a = r->arena;
    struct path p = path_of(path);
    struct field_words feature = {.r = r, .feature = p.feature};
    struct str key = str_join(a, STR("console.path."), p.section, STR_NULL);
    struct str name = p.feature ? field_title(r, p.feature->title) : p.name;
    struct str field = p.field.len ? p.field : STR("none");
    if (p.feature && p.field.len)
        field = field_label(&feature, p.field);
    return message(
        a, r->words, key, "name", value_str(a, name), "field", value_str(a, field), NULL);
}

struct str setup_value_text(const struct field_words *w, struct str path, const struct value *v)
{
    struct arena *a = w->r->arena;
    struct path p = path_of(path);
    struct field_words words = *w;
    words.feature = p.feature;
    if (!v || (value_is(v, VALUE_STR) && !v->str.len) || value_is(v, VALUE_NULL))
        return STR("–");
    bool own = str_is(p.section, "plan") || str_is(p.section, "branding") || p.field.len;
    if (own && !str_is(p.field, "sells"))
        return field_value(&words,
            str_is(p.section, "plan")       ? p.section
            : str_is(p.section, "branding") ? p.name
                                            : p.field,
            v);
    return message(a, w->r->words, STR("console.changes.choice"), "word", value_copy(a, v), NULL);
}

struct value *setup_names(struct request *r)
{
    struct arena *a = r->arena;
    struct value *plans = plan_list(a), *names = value_object(a), *list = value_list(a);
    if (!plans)
        return NULL;
    for (size_t i = 0; i < value_count(plans); i++)
        office_choice_add(r, list, value_get_str(value_at(plans, i), KEY(name)),
            value_get_str(value_at(plans, i), KEY(title)));
    value_set(a, names, KEY(plan), list);
    return names;
}
