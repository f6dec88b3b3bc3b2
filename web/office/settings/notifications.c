// Every mail that the site sends, in one place: those that every site has, by what they are about,
// and those of its features.
#include "data/db.h"
#include "domain/notification.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"
#include "web/office/mail_group.h"
#include "web/office/settings/notifications.sql.h"
#include "web/office/settings/panel.h"

static const char *state_of(
    const struct rows *own, struct str plugin, struct str key, bool *own_words)
{
    *own_words = false;
    for (int i = 0; i < own->count; i++) {
        if (!str_eq(rows_str(own, i, KEY(plugin)), plugin) ||
            !str_eq(rows_str(own, i, KEY(key)), key))
            continue;
        *own_words = rows_bool(own, i, KEY(own));
        return rows_bool(own, i, KEY(enabled)) ? "on" : "off";
    }
    return "on";
}

static void add_one(struct request *r, struct value *panel, const struct feature_info *sender,
    const struct feature_notification *n, const struct rows *own)
{
    struct arena *a = r->arena;
    bool own_words;
    const char *state = state_of(own, sender->name, n->key, &own_words);
    struct str path =
        str_join(a, feature_path(r, sender->name, "/notifications/"), n->key, STR_NULL);
    struct value *item = panel_item(r, panel, feature_words(r, n->title),
        own_words ? panel_words(r, "office.notifications.own") : STR_NULL);
    panel_item_link(r, item, path);
    panel_item_state(r, item, state,
        panel_words(r,
            str_is(str_of(state), "on") ? "office.notifications.on" : "office.notifications.off"));
    value_set_str(a, item, KEY(plugin), sender->name);
    value_set_str(a, item, KEY(key), n->key);
    value_set_bool(a, item, KEY(enabled), str_is(str_of(state), "on"));
    value_append(a, value_get(panel, KEY(all)), item);
}

// A panel, which is added once there is a mail for it.
static struct value *panel_of(struct request *r, struct value *view, struct str name)
{
    struct str id = str_join(r->arena, STR("mails-"), name, STR_NULL);
    struct value *panel = panel_add(r, view, id.p, "office.nav.notifications");
    value_set(r->arena, panel, KEY(all),
        value_get(view, r->wants_json ? KEY(items) : KEY(notifications)));
    return panel;
}

static void add_sender(struct request *r, struct value *view, const struct feature_info *sender,
    const struct rows *own)
{
    if (!sender->notification_count)
        return;
    struct value *panel = panel_of(r, view, sender->name);
    value_set_str(r->arena, panel, KEY(title), feature_words(r, sender->title));
    for (size_t i = 0; i < sender->notification_count; i++)
        add_one(r, panel, sender, &sender->notifications[i], own);
}

// Those that every site sends, by what they are about.
static void add_core(struct request *r, struct value *view, const struct rows *own)
{
    const struct feature_info *core = notification_sender(STR("core"));
    for (int g = 0; mail_groups[g]; g++) {
        struct value *panel = NULL;
        for (size_t i = 0; i < core->notification_count; i++) {
            const struct feature_notification *n = &core->notifications[i];
            if (!str_is(str_of(mail_group_of(n->key)), mail_groups[g]))
                continue;
            if (!panel) {
                panel = panel_of(r, view, str_of(mail_groups[g]));
                value_set_str(r->arena, panel, KEY(title), mail_group_title(r, mail_groups[g]));
            }
            add_one(r, panel, core, n, own);
        }
    }
}

static void show(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_all_notifications, db_i64(a, r->site->tenant));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.nav.notifications");
    panel_page_line(r, view, panel_words(r, "office.notifications.line"));
    page_list(r, view, KEY(notifications), value_list(a));
    add_core(r, view, unit_rows(u, place));
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        enum feature_state state = site_feature_state(r->site, info->name);
        if (state == FEATURE_ON || state == FEATURE_CLOSING)
            add_sender(r, view, info, unit_rows(u, place));
    }
    panel_respond(r, view);
}

static const struct route routes[] = {
    {HTTP_GET, "/manage/notifications", PERMIT_NOTIFICATIONS_CHANGE, show, NULL, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/notifications",
    .label = "office.nav.notifications",
    .icon = "mail",
    .permission = PERMIT_NOTIFICATIONS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 50};

OFFICE_PAGE(routes, &nav)
