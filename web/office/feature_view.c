#include "web/office/feature_view.h"

#include "http/respond.h"

struct str feature_words(const struct request *r, const struct value *texts)
{
    return site_text_in(r->site, texts, r->language);
}

struct str feature_path(const struct request *r, struct str name, const char *tail)
{
    return str_join(r->arena, STR("/manage/features/"), name, str_of(tail), STR_NULL);
}

struct str feature_url(const struct request *r, struct str name, const char *tail)
{
    return request_url(r, feature_path(r, name, tail));
}

struct feature_actor feature_actor_of(const struct request *r)
{
    return (struct feature_actor){
        .kind = request_actor_kind(r), .id = r->session.person, .name = r->session.name};
}

const struct feature_info *feature_of_route(struct request *r)
{
    const struct feature_info *info = feature_info_find(r->params[0]);
    if (!info)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return info;
}

static void set_state(struct request *r, struct value *item, enum feature_state state)
{
    static const char *const names[] = {[FEATURE_OFF] = "off",
        [FEATURE_WAITING] = "waiting",
        [FEATURE_ON] = "on",
        [FEATURE_CLOSING] = "closing"};
    struct arena *a = r->arena;
    value_set_str(a, item, KEY(state), str_of(names[state]));
    value_set_bool(a, item, KEY(is_on), state == FEATURE_ON);
    value_set_bool(a, item, KEY(is_off), state == FEATURE_OFF);
    value_set_bool(a, item, KEY(is_waiting), state == FEATURE_WAITING);
    value_set_bool(a, item, KEY(is_closing), state == FEATURE_CLOSING);
}

static void add_related(struct request *r, struct value *list, const struct feature_info *other)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, list);
    value_set_str(a, item, KEY(name), other->name);
    value_set_str(a, item, KEY(title), feature_words(r, other->title));
    value_set_str(a, item, KEY(related_url), feature_url(r, other->name, ""));
    value_set_bool(
        a, item, KEY(related_on), site_feature_state(r->site, other->name) == FEATURE_ON);
}

static struct value *related(struct request *r, struct feature_names names)
{
    struct value *list = value_list(r->arena);
    for (size_t i = 0; i < names.count; i++) {
        const struct feature_info *other = feature_info_find(names.items[i]);
        if (other)
            add_related(r, list, other);
    }
    return list;
}

// A conflict counts from both sides, whoever names it.
static struct value *conflicts_of(struct request *r, const struct feature_info *info)
{
    struct value *list = value_list(r->arena);
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *other = feature_info_at(i);
        if (other != info && (feature_names_have(info->conflicts, other->name) ||
                                 feature_names_have(other->conflicts, info->name)))
            add_related(r, list, other);
    }
    return list;
}

// "A way to pay", and what provides it.
static struct value *needs_of(struct request *r, const struct feature_info *info)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < info->needs.count; i++) {
        struct value *need = value_append_object(a, list), *by = value_list(a);
        value_set_str(a, need, KEY(capability), info->needs.items[i]);
        value_set(a, need, KEY(providers), by);
        for (size_t k = 0; k < feature_info_count(); k++)
            if (feature_names_have(feature_info_at(k)->provides, info->needs.items[i]))
                add_related(r, by, feature_info_at(k));
    }
    return list;
}

struct value *feature_item(struct request *r, const struct feature_info *info)
{
    struct arena *a = r->arena;
    struct value *item = value_object(a);
    struct value *requires = related(r, info->requires), *needs = needs_of(r, info);
    struct value *conflicts = conflicts_of(r, info);
    value_set_str(a, item, KEY(name), info->name);
    value_set_str(a, item, KEY(title), feature_words(r, info->title));
    value_set_str(a, item, KEY(summary), feature_words(r, info->summary));
    value_set_str(a, item, KEY(section), str_of(feature_section_name(info->section)));
    value_set_bool(a, item, KEY(gated), info->gated);
    set_state(r, item, site_feature_state(r->site, info->name));
    value_set(a, item, KEY(requires), requires);
    value_set(a, item, KEY(needs), needs);
    value_set(a, item, KEY(conflicts), conflicts);
    value_set_bool(a, item, KEY(has_terms),
        value_count(requires) + value_count(needs) + value_count(conflicts) + (size_t)info->gated >
            0);
    value_set_str(a, item, KEY(feature_url), feature_url(r, info->name, ""));
    value_set_str(a, item, KEY(on_url), feature_url(r, info->name, "/on"));
    value_set_str(a, item, KEY(off_url), feature_url(r, info->name, "/off"));
    return item;
}

struct value *feature_owed_list(struct request *r, const struct feature_info *info)
{
    struct arena *a = r->arena;
    struct value *owed = hook_ask(a, r->site, HOOK_obligations, info->name, value_object(a));
    if (!value_is(owed, VALUE_LIST))
        return NULL;
    struct value *list = value_list(a);
    for (size_t i = 0; i < value_count(owed); i++) {
        const struct value *one = value_at(owed, i), *text = value_get(one, KEY(text));
        struct value *item = value_append_object(a, list);
        value_set_int(a, item, KEY(count), value_get_int(one, KEY(count), 0));
        value_set_str(a, item, KEY(text),
            value_is(text, VALUE_OBJECT) ? feature_words(r, text) : value_as_str(text));
    }
    return list;
}
