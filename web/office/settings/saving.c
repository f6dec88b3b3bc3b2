#include "web/office/settings/saving.h"

#include "http/respond.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"

struct feature_actor saving_actor(const struct request *r)
{
    return (struct feature_actor){
        .kind = request_actor_kind(r), .id = r->session.person, .name = r->session.name};
}

bool saving_finish(struct request *r, enum site_change_result result, struct str path)
{
    if (result == SITE_CHANGE_STALE)
        return false;
    if (result == SITE_CHANGE_BUSY)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        respond_done(
            r, 200, str_join(r->arena, path, STR("?done=saved"), STR_NULL), value_object(r->arena));
    return true;
}

bool saving_versions(struct request *r, struct value *view, struct str subject, struct str path)
{
    struct arena *a = r->arena;
    struct edition_row *rows;
    int count = edition_list(a, r->site->tenant, subject, &rows);
    if (count < 0) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    if (count == 0)
        return true;
    struct value *panel = panel_add(r, view, "versions", "office.versions.title");
    for (int i = 0; i < count; i++) {
        struct str number = str_of_i64(a, rows[i].version);
        struct str title = message(
            a, r->words, STR("office.versions.one"), "number", value_int(a, rows[i].version), NULL);
        struct str when =
            value_get_str(format_time_value(a, r->format, r->site->zone, rows[i].at_us), KEY(text));
        struct str who = rows[i].actor_name.len
                             ? str_join(a, rows[i].actor_name, STR(" · "), when, STR_NULL)
                             : when;
        struct value *item = panel_item(r, panel, title, who);
        if (i == 0)
            panel_item_state(r, item, "on", panel_words(r, "office.versions.now"));
        else
            panel_item_button(r, item, "office.versions.back",
                str_join(a, path, STR("/restore/"), number, STR_NULL));
    }
    return true;
}

void saving_conflict(
    struct request *r, struct value *view, struct str subject, const struct value *yours)
{
    struct edition_row now;
    if (!edition_newest(r->arena, r->site->tenant, subject, &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct office_conflict conflict = {
        .theirs = now.value, .yours = yours, .who = now.actor_name, .at_us = now.at_us};
    office_conflict_respond(r, "office/settings/page", view, &conflict);
}
