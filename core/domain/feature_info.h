// What the program knows of its features beside their code: names, texts, settings, notifications,
// as their manifests say. Filled by the plugin host before the first request and constant from then
// on, so the domain and the pages know features without knowing plugins. Texts for people are
// objects by language: {"en": "…", "fr": "…", "es": "…"}.
#pragma once

#include "base/value.h"

enum { FEATURE_NAME_MAX = 31 };

// The sections of the catalogue, in order; what stands on screen is a text of the pages.
#define FEATURE_SECTIONS(X) X(selling) X(customers) X(memberships) X(business) X(door)

enum feature_section {
#define FEATURE_SECTION(name) FEATURE_SECTION_##name,
    FEATURE_SECTIONS(FEATURE_SECTION)
#undef FEATURE_SECTION
        FEATURE_SECTION_COUNT
};

struct feature_names {
    const struct str *items;
    size_t count;
};

enum setting_kind {
    SETTING_STRING,
    SETTING_INTEGER,
    SETTING_BOOLEAN,
    SETTING_MONEY, // minor units of the site's currency
    SETTING_CHOICE,
};

struct setting_choice {
    struct str value;
    const struct value *title;
};

struct setting {
    value_key key;
    enum setting_kind kind;
    bool required;                    // a string that may not stay empty
    const struct value *title, *text; // text may be NULL
    const struct value *fallback;     // what holds until somebody sets it; never NULL
    int64_t min, max;                 // of integers and amounts
    int64_t len_max;                  // of strings, in characters
    const struct setting_choice *choices;
    size_t choice_count;
};

struct feature_variable {
    struct str name;
    struct str sample; // for the preview
};

// A mail that the feature sends. Both texts are Mustache with the variables and `site`, the body
// is Markdown as well.
struct feature_notification {
    struct str key;
    const struct value *title, *subject, *body;
    const struct feature_variable *variables;
    size_t variable_count;
    bool always; // about somebody's own login: the office words it and can't switch it off
};

struct personal_table;

// An entry of the back office's menu.
struct feature_tab {
    const struct value *title;
    struct str path; // "/manage/x/coupons/"
};

struct feature_info {
    struct str name, version;
    enum feature_section section;
    const struct value *title, *summary;
    struct feature_names requires, conflicts; // names of features
    struct feature_names needs, provides;     // capabilities, such as "payment"
    bool gated;                               // an account manager approves it
    bool test;                                // takes no real money: for practice mode only
    bool owes;                                // has an `obligations` hook
    const struct setting *settings;
    size_t setting_count;
    const struct feature_notification *notifications;
    size_t notification_count;
    const struct feature_tab *tabs;
    size_t tab_count;
    const struct personal_table *personal; // domain/personal.h
    size_t personal_count;
    const struct personal_follow *follows; // of them, those that follow a customer
    size_t follow_count;
};

// By the plugin host, once: in the order in which hooks reach them (requirements first, then by
// name). The array is kept.
void feature_infos_set(const struct feature_info *const *infos, size_t count);
size_t feature_info_count(void);
const struct feature_info *feature_info_at(size_t i);
// NULL when there is no such feature.
const struct feature_info *feature_info_find(struct str name);

const struct setting *feature_setting_find(const struct feature_info *info, struct str name);
const struct feature_notification *feature_notification_find(
    const struct feature_info *info, struct str key);
const char *feature_section_name(enum feature_section section);
bool feature_names_have(struct feature_names names, struct str name);
