// What a switch would bring along, and what stands in its way.
#include "domain/feature.h"

static bool takes_part(enum feature_state state)
{
    return state == FEATURE_ON || state == FEATURE_CLOSING;
}

static bool is_on(const struct site *site, const struct feature_info *info)
{
    return takes_part(site_feature_state(site, info->name));
}

static bool is_listed(
    const struct feature_info *const *list, int count, const struct feature_info *info)
{
    for (int i = 0; i < count; i++)
        if (list[i] == info)
            return true;
    return false;
}

static void add(const struct feature_info **list, int *count, const struct feature_info *info)
{
    if (*count < FEATURE_LIST_MAX && !is_listed(list, *count, info))
        list[(*count)++] = info;
}

// Whether something that is on, or is about to be, provides the capability.
static bool is_provided(const struct site *site, const struct feature_look *look, struct str what)
{
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        bool there = site_feature_state(site, info->name) == FEATURE_ON || info == look->info ||
                     is_listed(look->also_on, look->also_count, info);
        if (there && feature_names_have(info->provides, what))
            return true;
    }
    return false;
}

static const struct feature_info *first_provider(struct str what)
{
    for (size_t i = 0; i < feature_info_count(); i++)
        if (feature_names_have(feature_info_at(i)->provides, what))
            return feature_info_at(i);
    return NULL;
}

// Requirements of the requirements, and one provider of each capability that is missing.
static void add_wanted(
    const struct site *site, const struct feature_info *info, struct feature_look *look)
{
    for (size_t i = 0; i < info->requires.count; i++) {
        const struct feature_info *wanted = feature_info_find(info->requires.items[i]);
        if (wanted && site_feature_state(site, wanted->name) != FEATURE_ON)
            add(look->also_on, &look->also_count, wanted);
    }
    for (size_t i = 0; i < info->needs.count; i++) {
        struct str what = info->needs.items[i];
        if (is_provided(site, look, what))
            continue;
        const struct feature_info *provider = first_provider(what);
        if (provider)
            add(look->also_on, &look->also_count, provider);
        else
            look->lacks = what;
    }
}

static bool exclude_each_other(const struct feature_info *a, const struct feature_info *b)
{
    return feature_names_have(a->conflicts, b->name) || feature_names_have(b->conflicts, a->name);
}

static void add_conflicts(
    const struct site *site, const struct feature_info *info, struct feature_look *look)
{
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *other = feature_info_at(i);
        bool there = is_on(site, other) || is_listed(look->also_on, look->also_count, other);
        if (other != info && there && exclude_each_other(info, other))
            add(look->conflicts, &look->conflict_count, other);
    }
}

static bool others_provide(
    const struct site *site, const struct feature_info *without, struct str what)
{
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        if (info != without && site_feature_state(site, info->name) == FEATURE_ON &&
            feature_names_have(info->provides, what))
            return true;
    }
    return false;
}

static bool needs(
    const struct site *site, const struct feature_info *who, const struct feature_info *what)
{
    if (feature_names_have(who->requires, what->name))
        return true;
    for (size_t i = 0; i < who->needs.count; i++)
        if (feature_names_have(what->provides, who->needs.items[i]) &&
            !others_provide(site, what, who->needs.items[i]))
            return true;
    return false;
}

void feature_look(
    const struct site *site, const struct feature_info *info, struct feature_look *out)
{
    *out = (struct feature_look){.info = info, .state = site_feature_state(site, info->name)};
    add_wanted(site, info, out);
    // The list grows while it is walked: what is wanted wants things too.
    for (int i = 0; i < out->also_count; i++)
        add_wanted(site, out->also_on[i], out);
    add_conflicts(site, info, out);
    for (int i = 0; i < out->also_count; i++)
        add_conflicts(site, out->also_on[i], out);
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *other = feature_info_at(i);
        if (other != info && is_on(site, other) && needs(site, other, info))
            add(out->needed_by, &out->needed_count, other);
    }
}
