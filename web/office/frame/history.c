#include "web/office/frame/history.h"

#include "base/zone.h"
#include "http/form.h"
#include "http/respond.h"
#include "plug/plug.h"
#include "web/office/frame/difference.h"
#include "web/office/frame/history.sql.h"
#include "web/office/frame/list.h"

enum { SHOWN = 20 };

struct str office_history_from(const struct request *r)
{
    int64_t before;
    struct str from = form_str(r, KEY(history));
    return str_to_i64(from, &before) ? from : STR_NULL;
}

int office_history_add(struct request *r, struct unit *u, const char *kind, struct str id)
{
    return unit_add(u, &SQL_office_history, db_i64(r->arena, unit_tenant(u)), str_of(kind), id,
        office_history_from(r));
}

int office_histories_add(struct request *r, struct unit *u, const char *kind)
{
    return unit_add(u, &SQL_office_histories, db_i64(r->arena, unit_tenant(u)), str_of(kind),
        office_history_from(r));
}

int office_history_and_add(
    struct request *r, struct unit *u, const char *kind, struct str id, const char *listed)
{
    return unit_add(u, &SQL_office_history_and, db_i64(r->arena, unit_tenant(u)), str_of(kind), id,
        office_history_from(r), str_of(listed));
}

int office_history_part_add(
    struct request *r, struct unit *u, const char *kind, struct str id, const char *action)
{
    return unit_add(u, &SQL_office_history_part, db_i64(r->arena, unit_tenant(u)), str_of(kind), id,
        office_history_from(r), str_of(action));
}

// "coupons.create" is the plugin's x.coupons.audit.create.
static struct str action_text(const struct field_words *w, struct str action)
{
    struct arena *a = w->r->arena;
    struct str rest = action, first = str_cut(&rest, '.');
    struct str own = str_join(a, STR("x."), first, STR(".audit."), rest, STR_NULL);
    struct str key = str_join(a, STR("office.audit."), action, STR_NULL);
    const struct messages *all = respond_parts()->messages;
    if (message_find(all, own))
        return message(a, w->r->words, own, NULL);
    return message_find(all, key) ? message(a, w->r->words, key, NULL) : action;
}

static struct field_words words_of(struct request *r, const struct rows *rows, int i)
{
    struct str kind = rows_str(rows, i, KEY(object_kind));
    bool feature = str_is(kind, "feature");
    return (struct field_words){.r = r,
        .kind = kind,
        .plugin = feature_info_find(kind) ? kind : STR_NULL,
        .feature = feature ? feature_info_find(rows_str(rows, i, KEY(object_id))) : NULL};
}

static const struct zone *zone_of(const struct request *r)
{
    return request_site(r) ? request_site(r)->zone : zone_utc();
}

static void add_entry(struct request *r, struct value *entries, const struct rows *rows, int i,
    const struct history_words *words)
{
    struct arena *a = r->arena;
    struct value *entry = value_append_object(a, entries);
    struct field_words w = words_of(r, rows, i);
    w.names = words->names;
    struct value *changes =
        difference_list(&w, rows_json(a, rows, i, KEY(before)), rows_json(a, rows, i, KEY(after)));
    struct str action = rows_str(rows, i, KEY(action));
    struct str object = words->object ? words->object(r, words->of, rows, i) : STR_NULL;
    value_set_str(a, entry, KEY(who), rows_str(rows, i, KEY(actor_name)));
    value_set_str(a, entry, KEY(actor_kind), rows_str(rows, i, KEY(actor_kind)));
    value_set_str(a, entry, KEY(action), action);
    value_set_str(a, entry, KEY(action_text), action_text(&w, action));
    if (object.len)
        value_set_str(a, entry, KEY(object), object);
    value_set(a, entry, KEY(when),
        format_time_value(a, r->format, zone_of(r), rows_us(rows, i, KEY(at_us))));
    value_set(a, entry, KEY(changes), changes);
    value_set_bool(a, entry, KEY(has_changes), value_count(changes) > 0);
}

void office_history_view_with(struct request *r, struct value *view, const struct rows *rows,
    const struct history_words *words)
{
    struct arena *a = r->arena;
    struct value *history = value_object(a), *entries = value_list(a);
    value_set(a, view, KEY(history), history);
    value_set(a, history, KEY(entries), entries);
    value_set_bool(a, history, KEY(has_entries), rows->count > 0);
    value_set_str(a, history, KEY(zone), format_zone_name(a, r->format, zone_of(r)));
    for (int i = 0; i < rows->count && i < SHOWN; i++)
        add_entry(r, entries, rows, i, words);
    struct str more = STR_NULL;
    if (rows->count > SHOWN)
        more = str_join(a, request_url(r, r->path),
            office_query_with(r, "history", rows_str(rows, SHOWN - 1, KEY(audit_id))),
            STR("#history"), STR_NULL);
    value_set_str(a, history, KEY(more_url), more);
}

void office_history_view(struct request *r, struct value *view, const struct rows *rows)
{
    office_history_view_with(r, view, rows, &(struct history_words){0});
}

// In one: a plugin's own statements are read before its page is made.
static void add_for_plugin(
    struct request *r, struct value *view, struct str plugin, struct str object)
{
    const char *kind = str_z(r->arena, plugin);
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int place =
        object.p ? office_history_add(r, u, kind, object) : office_histories_add(r, u, kind);
    if (unit_run(u) == DB_OK)
        office_history_view(r, view, unit_rows(u, place));
}

void office_history_start(void)
{
    plug_set_history(add_for_plugin);
}
