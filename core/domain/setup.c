#include "domain/setup.h"

#include "base/colour.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/edition.h"
#include "domain/plan.h"
#include "domain/setup.sql.h"
#include "domain/site_state.h"

enum { NAME_MAX_CHARS = 60 };

static const struct {
    const char *name;
    enum setup_kind kind;
    const char *choices[6];
} branding_fields[] = {
    {"brand", SETUP_COLOUR, {NULL}},
    {"accent", SETUP_COLOUR, {NULL}},
    {"fonts", SETUP_CHOICE, {"editorial", "grotesk", "humanist", "display", NULL}},
    {"corners", SETUP_CHOICE, {"soft", "sharp", NULL}},
    {"header", SETUP_CHOICE, {"light", "brand", "dark", NULL}},
};
enum { BRANDING_FIELDS = sizeof branding_fields / sizeof *branding_fields };

static const char *const channel_kinds[] = {"web", "box_office", "phone", "portal"};
// A channel whose profiles name offers or dates sells what that venue chose, which nothing here
// overwrites.
static const char *const sells[] = {"everything", "reservations", "nothing", NULL};
static const char own_choice[] = "chosen";
// Who may buy on a web channel; others are the staff's.
static const char *const registrations[] = {"guest", "both", "login", NULL};

static bool channel_registers(struct str kind)
{
    return str_is(kind, "web");
}

static value_key path_key(struct arena *a, const char *section, struct str name, struct str field)
{
    return value_key_intern(str_join(a, str_of(section), STR("/"), name,
        field.p ? STR("/") : STR(""), field.p ? field : STR(""), STR_NULL));
}

static const struct value *stored_of(const struct site *site, struct str plugin)
{
    for (int i = 0; i < site->feature_count; i++)
        if (str_eq(site->features[i].plugin, plugin))
            return site->features[i].settings;
    return NULL;
}

static struct value *settings_of(
    struct arena *a, const struct site *site, const struct feature_info *info)
{
    return feature_settings_read(a, info, stored_of(site, info->name), site->currency, NULL);
}

static void add_features(struct arena *a, const struct site *site, struct value *all)
{
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        enum feature_state state = site_feature_state(site, info->name);
        bool on = state == FEATURE_ON;
        value_set_str(
            a, all, path_key(a, "features", info->name, STR_NULL), on ? STR("on") : STR("off"));
        const struct value *settings = settings_of(a, site, info);
        for (size_t s = 0; s < info->setting_count; s++)
            value_set(a, all,
                path_key(a, "features", info->name, value_key_name(info->settings[s].key)),
                value_copy(a, value_get(settings, info->settings[s].key)));
    }
}

struct value *setup_read(struct arena *a, const struct site *site)
{
    struct value *all = value_object(a);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_setup_channels, db_i64(a, site->tenant));
    if (unit_run(u) != DB_OK)
        return NULL;
    const struct rows *channels = unit_rows(u, place);
    value_set_str(a, all, KEY(plan), site->plan);
    for (int i = 0; i < BRANDING_FIELDS; i++) {
        struct str name = str_of(branding_fields[i].name);
        value_set_str(a, all, path_key(a, "branding", name, STR_NULL),
            value_get_str(site->branding, value_key_intern(name)));
    }
    for (int i = 0; i < channels->count; i++) {
        struct str kind = rows_str(channels, i, KEY(kind));
        value_set_str(
            a, all, path_key(a, "channels", kind, STR("name")), rows_str(channels, i, KEY(name)));
        value_set_str(
            a, all, path_key(a, "channels", kind, STR("sells")), rows_str(channels, i, KEY(sells)));
        if (channel_registers(kind))
            value_set_str(a, all, path_key(a, "channels", kind, STR("registration")),
                rows_str(channels, i, KEY(registration)));
    }
    add_features(a, site, all);
    return all;
}

static struct value *words(struct arena *a, const char *const *list)
{
    struct value *v = value_list(a);
    for (; *list; list++)
        value_append(a, v, value_str(a, str_of(*list)));
    return v;
}

static struct setup_field field_of_setting(struct arena *a, const struct setting *s)
{
    struct setup_field field = {.kind = SETUP_TEXT};
    if (!s)
        field.kind = SETUP_UNKNOWN;
    else if (s->kind == SETTING_INTEGER)
        field.kind = SETUP_NUMBER;
    else if (s->kind == SETTING_MONEY)
        field.kind = SETUP_AMOUNT;
    else if (s->kind == SETTING_BOOLEAN)
        field.kind = SETUP_YES_NO;
    else if (s->kind == SETTING_CHOICE) {
        field.kind = SETUP_CHOICE;
        field.choices = value_list(a);
        for (size_t i = 0; i < s->choice_count; i++)
            value_append(a, field.choices, value_str(a, s->choices[i].value));
    }
    return field;
}

static struct setup_field field_of_plan(struct arena *a)
{
    struct setup_field field = {.kind = SETUP_CHOICE, .choices = value_list(a)};
    const struct value *plans = plan_list(a);
    for (size_t i = 0; i < value_count(plans); i++)
        value_append(a, field.choices, value_str(a, value_get_str(value_at(plans, i), KEY(name))));
    return field;
}

struct setup_field setup_field(struct arena *a, struct str path)
{
    static const char *const states[] = {"on", "off", NULL};
    struct setup_field none = {.kind = SETUP_UNKNOWN};
    struct str rest = path, section = str_cut(&rest, '/'), name = str_cut(&rest, '/');
    if (str_is(path, "plan"))
        return field_of_plan(a);
    if (str_is(section, "features")) {
        const struct feature_info *info = feature_info_find(name);
        if (info && rest.p)
            return field_of_setting(a, feature_setting_find(info, rest));
        return info ? (struct setup_field){SETUP_CHOICE, words(a, states)} : none;
    }
    for (int i = 0; str_is(section, "branding") && !rest.p && i < BRANDING_FIELDS; i++)
        if (str_is(name, branding_fields[i].name))
            return (struct setup_field){
                branding_fields[i].kind, words(a, branding_fields[i].choices)};
    for (size_t i = 0; str_is(section, "channels") && i < 4; i++) {
        if (str_is(name, channel_kinds[i]) && str_is(rest, "name"))
            return (struct setup_field){.kind = SETUP_TEXT};
        if (str_is(name, channel_kinds[i]) && str_is(rest, "sells"))
            return (struct setup_field){SETUP_CHOICE, words(a, sells)};
        if (str_is(name, channel_kinds[i]) && channel_registers(name) &&
            str_is(rest, "registration"))
            return (struct setup_field){SETUP_CHOICE, words(a, registrations)};
    }
    return none;
}

static bool is_among(const struct value *choices, struct str word)
{
    for (size_t i = 0; i < value_count(choices); i++)
        if (str_eq(value_as_str(value_at(choices, i)), word))
            return true;
    return false;
}

struct value *setup_parse(struct arena *a, struct str path, struct str typed)
{
    struct setup_field field = setup_field(a, path);
    struct colour colour;
    int64_t n;
    switch (field.kind) {
    case SETUP_TEXT:
        return str_utf8_count(typed) <= (str_starts(path, STR("channels/")) ? NAME_MAX_CHARS : 2000)
                   ? value_str(a, typed)
                   : NULL;
    case SETUP_COLOUR:
        return colour_parse(typed, &colour) ? value_str(a, colour_text(a, colour)) : NULL;
    case SETUP_NUMBER:
    case SETUP_AMOUNT:
        return str_to_i64(typed, &n) ? value_int(a, n) : NULL;
    case SETUP_CHOICE:
        return is_among(field.choices, typed) ? value_str(a, typed) : NULL;
    case SETUP_YES_NO:
        return value_bool(a, str_is(typed, "yes"));
    case SETUP_UNKNOWN:
        break;
    }
    return NULL;
}

struct work {
    struct arena *a;
    struct site *site;
    const struct feature_actor *actor;
    struct setup_change *change;
    struct value *now; // the set-up as it is found
    int64_t edition;   // of its branding
};

static enum setup_result refuse(struct work *w, struct str path, const char *why)
{
    w->change->refused = path;
    w->change->why = str_of(why);
    return SETUP_REFUSED;
}

// Whether somebody changed that path after it got the value that is expected there.
static bool is_newer(const struct work *w, value_key path)
{
    const struct value *expected = w->change->expected;
    return expected && !value_equal(value_get(expected, path), value_get(w->now, path));
}

// A changed path's value, NULL when it stays.
static const struct value *wanted(const struct work *w, value_key path)
{
    const struct value *v = value_get(w->change->changes, path);
    return v && !value_equal(v, value_get(w->now, path)) && !is_newer(w, path) ? v : NULL;
}

static void find_newer(struct work *w)
{
    const struct value *all = w->change->changes;
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value_field *f = &all->object.fields[i];
        if (is_newer(w, f->key) && !value_equal(f->value, value_get(w->now, f->key)))
            w->change->newer = value_key_name(f->key);
    }
}

static void note(struct work *w, value_key path)
{
    const struct value *was = value_get(w->now, path);
    value_set(w->a, w->change->before, path, was ? value_copy(w->a, was) : value_null());
}

static enum setup_result apply_plan(struct work *w)
{
    const struct value *plan = wanted(w, KEY(plan));
    if (!plan)
        return SETUP_DONE;
    switch (site_set_plan(w->a, w->site, value_as_str(plan), w->actor)) {
    case SITE_STATE_DONE:
        note(w, KEY(plan));
        return SETUP_DONE;
    case SITE_STATE_UNKNOWN:
        return refuse(w, STR("plan"), "unknown");
    case SITE_STATE_CHANGED:
    case SITE_STATE_UNAVAILABLE:
        break;
    }
    return SETUP_UNAVAILABLE;
}

// What is under way on looks and channels: one unit, one row of history for each thing whose page
// has one.
struct looks {
    struct unit *u;
    const struct rows *channels;
    int64_t edition; // of the branding that was seen
};

struct changed {
    const char *action, *kind;
    struct str id;
    struct value *before, *after;
};

static void add_audit(struct work *w, struct unit *u, const struct changed *c)
{
    audit_add(u, &(struct audit){.actor_kind = w->actor->kind,
                     .actor_id = w->actor->id,
                     .actor_name = w->actor->name,
                     .action = str_of(c->action),
                     .object_kind = str_of(c->kind),
                     .object_id = c->id,
                     .before = c->before,
                     .after = c->after});
}

// As the venue's page keeps them: colours and fonts beside its texts.
static struct value *whole_look(struct work *w, struct value *branding)
{
    struct value *v = value_object(w->a);
    value_set(w->a, v, KEY(branding), branding);
    value_set(w->a, v, KEY(texts), w->site->texts);
    return v;
}

// Whoever has the branding's page open sees that it changed, and the versions there have this one.
static void change_branding(struct work *w, const struct looks *l)
{
    struct arena *a = w->a;
    struct value *branding = value_copy(a, w->site->branding);
    bool changes = false;
    for (int i = 0; i < BRANDING_FIELDS; i++) {
        struct str name = str_of(branding_fields[i].name);
        value_key path = path_key(a, "branding", name, STR_NULL);
        const struct value *v = wanted(w, path);
        if (!v)
            continue;
        value_set(a, branding, value_key_intern(name), value_copy(a, v));
        note(w, path);
        changes = true;
    }
    if (!changes)
        return;
    struct value *before = whole_look(w, w->site->branding), *after = whole_look(w, branding);
    edition_add(l->u, &(struct edition){.subject = STR("branding"),
                          .seen = l->edition,
                          .before = before,
                          .value = after,
                          .actor_name = w->actor->name});
    unit_add(l->u, &SQL_setup_branding, db_i64(a, w->site->tenant), db_json(a, branding));
    add_audit(w, l->u, &(struct changed){"branding.save", "site", STR("branding"), before, after});
}

static void change_channel(struct work *w, const struct looks *l, int row)
{
    struct arena *a = w->a;
    static const char *const fields[] = {"name", "sells", "registration"};
    struct str tenant = db_i64(a, w->site->tenant), kind = rows_str(l->channels, row, KEY(kind));
    struct str id = rows_str(l->channels, row, KEY(channel_id));
    struct changed c = {"site.setup", "channel", id, value_object(a), value_object(a)};
    for (int i = 0; i < 3; i++) {
        value_key path = path_key(a, "channels", kind, str_of(fields[i]));
        const struct value *v = wanted(w, path);
        if (!v)
            continue;
        if (i == 0)
            unit_add(l->u, &SQL_setup_channel_name, tenant, id, value_as_str(v));
        else if (i == 2)
            unit_add(l->u, &SQL_setup_channel_registration, tenant, id, value_as_str(v));
        else {
            unit_add(l->u, &SQL_setup_channel_clear, tenant, id);
            unit_add(l->u, &SQL_setup_channel_sells, tenant, id, value_as_str(v));
        }
        value_set(a, c.before, value_key_intern(str_of(fields[i])), value_get(w->now, path));
        value_set(a, c.after, value_key_intern(str_of(fields[i])), value_copy(a, v));
        note(w, path);
    }
    if (!value_count(c.after))
        return;
    unit_add(l->u, &SQL_setup_channel_touch, tenant, id);
    add_audit(w, l->u, &c);
}

static value_key find_own_choice(struct work *w)
{
    for (size_t i = 0; i < 4; i++) {
        value_key path = path_key(w->a, "channels", str_of(channel_kinds[i]), STR("sells"));
        if (wanted(w, path) && str_is(value_get_str(w->now, path), own_choice))
            return path;
    }
    return 0;
}

// Colours, fonts and channels in one unit.
static enum setup_result apply_looks(struct work *w)
{
    struct arena *a = w->a;
    value_key own = find_own_choice(w);
    if (own)
        return refuse(w, value_key_name(own), "own");
    struct unit *read = unit_new(a, DB_READ, w->site->tenant);
    int channels = unit_add(read, &SQL_setup_channels, db_i64(a, w->site->tenant));
    if (unit_run(read) != DB_OK)
        return SETUP_UNAVAILABLE;
    struct looks l = {.u = unit_new(a, DB_WRITE, w->site->tenant),
        .channels = unit_rows(read, channels),
        .edition = w->edition};
    struct value *done = w->change->before;
    w->change->before = value_copy(a, done);
    change_branding(w, &l);
    for (int i = 0; i < l.channels->count; i++)
        change_channel(w, &l, i);
    if (value_count(w->change->before) == value_count(done))
        return SETUP_DONE;
    revision_touch(l.u);
    if (unit_run(l.u) == DB_OK)
        return SETUP_DONE;
    w->change->before = done;
    return SETUP_UNAVAILABLE;
}

static enum setup_result result_of(
    struct work *w, value_key path, const struct feature_outcome *outcome)
{
    struct str name = value_key_name(path);
    switch (outcome->result) {
    case FEATURE_DONE:
    case FEATURE_CLOSES:
        note(w, path);
        return SETUP_DONE;
    case FEATURE_UNCHANGED:
        return SETUP_DONE;
    case FEATURE_CONFLICTS:
        return refuse(w, name, "conflicts");
    case FEATURE_LACKS:
        return refuse(w, name, "lacks");
    case FEATURE_NEEDED:
        return refuse(w, name, "needed");
    case FEATURE_INVALID:
        return refuse(w, name, "invalid");
    case FEATURE_BUSY:
    case FEATURE_UNAVAILABLE:
        return SETUP_UNAVAILABLE;
    default:
        return refuse(w, name, "unknown");
    }
}

static enum setup_result apply_switch(struct work *w, const struct feature_info *info, bool on)
{
    value_key path = path_key(w->a, "features", info->name, STR_NULL);
    const struct value *state = wanted(w, path);
    if (!state || str_is(value_as_str(state), "on") != on)
        return SETUP_DONE;
    struct feature_outcome o = on ? feature_grant(w->a, w->site, info->name, w->actor)
                                  : feature_switch_off(w->a, w->site, info->name, w->actor);
    return result_of(w, path, &o);
}

static enum setup_result apply_settings(struct work *w, const struct feature_info *info)
{
    struct arena *a = w->a;
    struct value *given = settings_of(a, w->site, info);
    value_key first = 0;
    for (size_t i = 0; i < info->setting_count; i++) {
        value_key key = info->settings[i].key;
        value_key path = path_key(a, "features", info->name, value_key_name(key));
        const struct value *v = wanted(w, path);
        if (v) {
            value_set(a, given, key, value_copy(a, v));
            first = path;
            note(w, path);
        }
    }
    if (!first)
        return SETUP_DONE;
    struct feature_given all = {.plugin = info->name, .settings = given};
    struct feature_outcome o = feature_save_settings(a, w->site, w->actor, &all);
    return result_of(w, first, &o);
}

static enum setup_result apply_features(struct work *w)
{
    enum setup_result result = SETUP_DONE;
    for (size_t i = 0; result == SETUP_DONE && i < feature_info_count(); i++)
        result = apply_settings(w, feature_info_at(i));
    // What needs others goes before them, and comes after them.
    for (size_t i = feature_info_count(); result == SETUP_DONE && i-- > 0;)
        result = apply_switch(w, feature_info_at(i), false);
    for (size_t i = 0; result == SETUP_DONE && i < feature_info_count(); i++)
        result = apply_switch(w, feature_info_at(i), true);
    return result;
}

static bool acquire_newest(struct arena *a, int64_t tenant, struct site **site)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_setup_revision, db_i64(a, tenant));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return false;
    revision_learn(tenant, rows_i64(unit_rows(u, place), 0, KEY(revision)));
    return site_acquire_by_tenant(tenant, site) == SITE_FOUND;
}

enum setup_result setup_apply(
    struct arena *a, int64_t tenant, const struct feature_actor *actor, struct setup_change *change)
{
    struct work w = {.a = a, .actor = actor, .change = change};
    struct edition_row look;
    change->before = value_object(a);
    // The site is read after it: who saves in between makes this try again.
    if (!edition_newest(a, tenant, STR("branding"), &look) || !acquire_newest(a, tenant, &w.site))
        return SETUP_UNAVAILABLE;
    w.edition = look.version;
    enum setup_result result = SETUP_UNAVAILABLE;
    w.now = setup_read(a, w.site);
    if (w.now && w.site->state == SITE_CLOSED)
        result = refuse(&w, STR("site"), "closed");
    else if (w.now) {
        find_newer(&w);
        result = apply_plan(&w);
    }
    if (result == SETUP_DONE)
        result = apply_looks(&w);
    if (result == SETUP_DONE)
        result = apply_features(&w);
    if (result == SETUP_DONE && !value_count(change->before))
        result = SETUP_SAME;
    site_release(w.site);
    return result;
}
