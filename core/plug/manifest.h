// plugin.json: what a plugin says of itself. Read strictly when the program starts: a field that is
// missing, unknown or of the wrong kind stops the start, named with its file. Whatever it points
// at lives in the arena.
#pragma once

#include "domain/feature_info.h"
#include "domain/hook.h"
#include "http/route.h"
#include "io/source.h"

enum { MANIFEST_API = 1 };

enum manifest_language { MANIFEST_LUA, MANIFEST_C };

struct manifest_route {
    struct route route; // `handle` is the host's
    bool office;
    bool history;  // its page shows what happened to the object that its address names
    bool customer; // its page is about the customer whose number is its first parameter
    struct str handler;
    const struct value *words; // for its description: http/openapi.h
    size_t number;             // of the C function
};

struct manifest {
    struct feature_info info;
    enum manifest_language language;
    bool hooks[HOOK_COUNT];
    struct manifest_route *routes;
    size_t route_count;
    const struct str *jobs;
    size_t job_count;
};

// The manifest of the plugin in `folder`, whose last part is its name.
bool manifest_read(
    struct arena *a, struct str folder, struct manifest *out, struct source_error *e);

bool manifest_is_name(struct str name);
// Names with underscores, for what programs call: jobs, handlers, statements, keys.
bool manifest_is_word(struct str name);

// A manifest being read: where its parts are checked.
struct manifest_reader {
    struct arena *arena;
    struct str folder, file;
    struct source_error *e;
    struct str name;
};
// Says what is wrong with a field of it.
__attribute__((format(printf, 3, 4))) bool manifest_refuse(
    struct manifest_reader *r, struct str field, const char *format, ...);
struct str manifest_field(struct manifest_reader *r, struct str parent, struct str name);

// One declared field of an object of the manifest.
enum manifest_kind {
    MANIFEST_TEXT,
    MANIFEST_TEXTS, // {"en", "fr", "es"}
    MANIFEST_BOOL,
    MANIFEST_INT,
    MANIFEST_LIST,
    MANIFEST_OBJECT,
    MANIFEST_ANY,
};
struct manifest_rule {
    const char *name;
    enum manifest_kind kind;
    bool optional;
    const char *doc; // for the manual
};
extern const struct manifest_rule manifest_rules[], manifest_setting_rules[],
    manifest_choice_rules[], manifest_route_rules[], manifest_field_rules[], manifest_tab_rules[],
    manifest_notification_rules[], manifest_personal_rules[];
// Refuses unknown, missing and wrongly typed fields of `v`, which stands at `at`. Rules end with
// {0}.
bool manifest_check(struct manifest_reader *r, struct str at, const struct value *v,
    const struct manifest_rule *rules);

// Parts, each in its file.
bool manifest_settings(struct manifest_reader *r, const struct value *v, struct feature_info *info);
bool manifest_routes(struct manifest_reader *r, const struct value *v, struct manifest *out);
bool manifest_notifications(
    struct manifest_reader *r, const struct value *v, struct feature_info *info);
bool manifest_personal(struct manifest_reader *r, const struct value *v, struct feature_info *info);
