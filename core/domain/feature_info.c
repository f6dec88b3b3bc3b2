#include "domain/feature_info.h"

static struct {
    const struct feature_info *const *infos;
    size_t count;
} features;

void feature_infos_set(const struct feature_info *const *infos, size_t count)
{
    features.infos = infos;
    features.count = count;
}

size_t feature_info_count(void)
{
    return features.count;
}

const struct feature_info *feature_info_at(size_t i)
{
    return i < features.count ? features.infos[i] : NULL;
}

const struct feature_info *feature_info_find(struct str name)
{
    for (size_t i = 0; i < features.count; i++)
        if (str_eq(features.infos[i]->name, name))
            return features.infos[i];
    return NULL;
}

const struct setting *feature_setting_find(const struct feature_info *info, struct str name)
{
    for (size_t i = 0; i < info->setting_count; i++)
        if (str_eq(value_key_name(info->settings[i].key), name))
            return &info->settings[i];
    return NULL;
}

const struct feature_notification *feature_notification_find(
    const struct feature_info *info, struct str key)
{
    for (size_t i = 0; i < info->notification_count; i++)
        if (str_eq(info->notifications[i].key, key))
            return &info->notifications[i];
    return NULL;
}

const char *feature_section_name(enum feature_section section)
{
    static const char *const names[] = {
#define FEATURE_SECTION_NAME(name) #name,
        FEATURE_SECTIONS(FEATURE_SECTION_NAME)
#undef FEATURE_SECTION_NAME
    };
    return names[section];
}

bool feature_names_have(struct feature_names names, struct str name)
{
    for (size_t i = 0; i < names.count; i++)
        if (str_eq(names.items[i], name))
            return true;
    return false;
}
