// The notifications of a manifest. Their words stand in notifications/KEY.LANGUAGE.md: the subject
// in the first line, an empty line, the body. Variables are {{name}}; one that the manifest doesn't
// declare is refused here, so that the office can promise what a template may use.
#include "base/file.h"
#include "domain/notification.h"
#include "plug/manifest.h"

enum { NOTIFICATIONS_MAX = 60, VARIABLES_MAX = 30 };

static const char *const languages[] = {"en", "fr", "es"};

const struct manifest_rule manifest_notification_rules[] = {
    {"key", MANIFEST_TEXT, false, "its name in code and of its files"},
    {"title", MANIFEST_TEXTS, false, "what the office calls it"},
    {"variables", MANIFEST_OBJECT, true, "what its words may use, each with a sample text"},
    {"always", MANIFEST_BOOL, true, "sent whatever the office says, which may only word it"},
    {0},
};

static bool read_variables(struct manifest_reader *r, struct str at, const struct value *v,
    struct feature_notification *out)
{
    size_t count = value_count(v);
    struct feature_variable *all = arena_new_array(r->arena, struct feature_variable, count + 1);
    if (count > VARIABLES_MAX)
        return manifest_refuse(r, at, "has more than %d variables", VARIABLES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct str name = value_key_name(v->object.fields[i].key);
        struct str sample = value_as_str(v->object.fields[i].value);
        if (!manifest_is_word(name))
            return manifest_refuse(r, manifest_field(r, at, name),
                "its name must be a-z, 0-9 and '_', a letter first");
        if (!sample.p)
            return manifest_refuse(
                r, manifest_field(r, at, name), "must be a sample text for the preview");
        all[i] = (struct feature_variable){name, sample};
    }
    out->variables = all;
    out->variable_count = count;
    return true;
}

static bool check_names(struct manifest_reader *r, struct str file, struct str text,
    const struct feature_notification *n)
{
    struct str name;
    switch (notification_check(text, n, &name)) {
    case NOTIFICATION_GOOD:
        return true;
    case NOTIFICATION_UNCLOSED:
        return source_refuse(r->arena, r->e, file, 0, "a {{ without its }}");
    case NOTIFICATION_UNKNOWN:
        break;
    }
    return source_refuse(r->arena, r->e, file, 0,
        "{{%.*s}} isn't among the notification's variables", STR_ARG(name));
}

static bool read_words(struct manifest_reader *r, struct feature_notification *n)
{
    struct value *subject = value_object(r->arena), *body = value_object(r->arena);
    for (int i = 0; i < 3; i++) {
        struct str file = str_join(r->arena, r->folder, STR("/notifications/"), n->key, STR("."),
            str_of(languages[i]), STR(".md"), STR_NULL);
        struct str text = source_read(r->arena, file.p, r->e);
        if (!text.p || !check_names(r, file, text, n))
            return false;
        struct str first = str_cut(&text, '\n');
        if (!str_trim(first).len || !str_trim(text).len)
            return source_refuse(r->arena, r->e, file, 1,
                "begins with the subject's line, then an empty line and the body");
        value_key language = value_key_intern(str_of(languages[i]));
        value_set_str(r->arena, subject, language, str_trim(first));
        value_set_str(r->arena, body, language, str_trim(text));
    }
    n->subject = subject;
    n->body = body;
    return true;
}

bool manifest_notifications(
    struct manifest_reader *r, const struct value *v, struct feature_info *info)
{
    size_t count = value_count(v);
    if (count > NOTIFICATIONS_MAX)
        return manifest_refuse(
            r, STR("notifications"), "has more than %d notifications", NOTIFICATIONS_MAX);
    struct feature_notification *all =
        arena_new_array(r->arena, struct feature_notification, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value_at(v, i);
        struct str at = str_format(r->arena, "notifications[%zu]", i);
        if (!manifest_check(r, at, item, manifest_notification_rules))
            return false;
        all[i].key = value_get_str(item, KEY(key));
        all[i].title = value_get(item, KEY(title));
        all[i].always = value_get_bool(item, KEY(always), false);
        if (!manifest_is_word(all[i].key))
            return manifest_refuse(
                r, manifest_field(r, at, STR("key")), "must be a-z, 0-9 and '_', a letter first");
        if (!read_variables(r, manifest_field(r, at, STR("variables")),
                value_get(item, KEY(variables)), &all[i]) ||
            !read_words(r, &all[i]))
            return false;
    }
    info->notifications = all;
    info->notification_count = count;
    return true;
}
