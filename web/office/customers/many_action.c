#include "web/office/customers/many.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/audit.h"
#include "domain/customer_batch.sql.h"
#include "domain/hook.h"

struct value *many_offered(struct arena *a, const struct site *site)
{
    return hook_collect(a, site, HOOK_customer_actions, value_object(a));
}

static struct str name_of(struct arena *a, const struct value *offered)
{
    return str_join(a, value_get_str(offered, KEY(plugin)), STR("."),
        value_get_str(offered, KEY(name)), STR_NULL);
}

static bool take_option(const struct value *offered, struct str value, struct many_action *out)
{
    const struct value *options = value_get(offered, KEY(options));
    for (size_t i = 0; i < value_count(options); i++)
        if (str_eq(value_get_str(value_at(options, i), KEY(value)), value)) {
            out->label = value_get_str(value_at(options, i), KEY(label));
            return true;
        }
    return false;
}

bool many_action_find(struct arena *a, const struct site *site, struct str name, struct str value,
    struct many_action *out)
{
    *out = (struct many_action){.name = name, .value = value, .label = value};
    if (str_is(name, "tag") || str_is(name, "untag")) {
        bool wrong = false;
        // One tag: a comma would make it several.
        out->value = out->label = customer_tags_of(a, value, &wrong);
        return value.len && !wrong && out->value.len && str_index(out->value, ',') < 0;
    }
    const struct value *offered = many_offered(a, site);
    for (size_t i = 0; i < value_count(offered); i++)
        if (str_eq(name_of(a, value_at(offered, i)), name)) {
            out->feature = value_at(offered, i);
            out->title = value_get_str(out->feature, KEY(title));
            return take_option(out->feature, value, out);
        }
    return false;
}

static bool adds(const struct many_action *action)
{
    return action->feature ? value_get_bool(action->feature, KEY(gives), false)
                           : str_is(action->name, "tag");
}

static struct value *step_of(
    struct arena *a, const struct many_action *action, value_key statement, struct value *params)
{
    struct value *step = value_object(a);
    value_set_str(a, step, KEY(statement), value_get_str(action->feature, statement));
    value_set(a, step, KEY(params), params);
    return step;
}

static struct value *text_or_null(struct arena *a, struct str s)
{
    return s.len ? value_str(a, s) : value_null();
}

const struct rows *many_look(struct arena *a, const struct site *site,
    const struct many_action *action, const int64_t *ids, size_t count)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    if (action->feature) {
        struct value *numbers = value_list(a), *params = value_list(a);
        for (size_t i = 0; i < count; i++)
            value_append(a, numbers, value_str(a, str_of_i64(a, ids[i])));
        value_append(a, params, value_str(a, action->value));
        value_append(a, params, text_or_null(a, action->day));
        value_append(a, params, numbers);
        value_append(a, params, value_int(a, clock_now_us() / 1000000));
        if (!hook_add_guard(u, value_get_str(action->feature, KEY(plugin)),
                step_of(a, action, KEY(look), params)))
            return NULL;
    } else {
        unit_add(u, &SQL_batch_look_tag, db_i64(a, site->tenant), db_i64_array(a, ids, count),
            text_fold(a, action->value), db_bool(adds(action)));
    }
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

struct str many_why(
    struct arena *a, struct catalogue *words, const struct many_action *action, struct str why)
{
    struct str said = action->feature
                          ? value_get_str(value_get(action->feature, KEY(why)), value_key_find(why))
                          : STR_NULL;
    if (said.len)
        return said;
    return message(a, words, STR("office.many.why"), "why", value_str(a, why), NULL);
}

static void add_mark(struct unit *u, const void *arg)
{
    batch_mark_add(u, arg);
}

static enum many_result retag(struct arena *a, const struct site *site,
    const struct many_action *action, bool back, const struct batch_mark *mark)
{
    struct customer_editor by = {site, &mark->batch->actor};
    struct customer_retagging what = {
        .tag = action->value, .adds = adds(action) != back, .also = add_mark, .arg = mark};
    switch (customer_retag(a, &by, mark->customer, &what)) {
    case CUSTOMER_DONE:
        return MANY_CHANGED;
    case CUSTOMER_WRONG:
    case CUSTOMER_GONE:
        return MANY_KEPT;
    default:
        return MANY_AGAIN;
    }
}

// Under the feature's own name, where its pages show the history of a customer.
static void add_audit(
    struct unit *u, const struct many_action *action, bool back, const struct batch_mark *mark)
{
    struct arena *a = unit_arena(u);
    struct str plugin = value_get_str(action->feature, KEY(plugin));
    struct value *said = value_object(a);
    struct str field = value_get_str(action->feature, KEY(field));
    struct str day = value_get_str(action->feature, KEY(day_field));
    bool given = adds(action) != back;
    value_set_str(a, said, value_key_intern(field), action->label);
    if (day.len && action->day.len)
        value_set_str(a, said, value_key_intern(day), action->day);
    struct str done = value_get_str(action->feature, back ? KEY(audit_back) : KEY(audit));
    audit_add(u, &(struct audit){.actor_kind = mark->batch->actor.kind,
                     .actor_id = mark->batch->actor.id,
                     .actor_name = mark->batch->actor.name,
                     .action = str_join(a, plugin, STR("."), done, STR_NULL),
                     .object_kind = plugin,
                     .object_id = str_of_i64(a, mark->customer),
                     .before = given ? NULL : said,
                     .after = given ? said : NULL});
}

static enum many_result ask_feature(struct arena *a, const struct site *site,
    const struct many_action *action, bool back, const struct batch_mark *mark)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct value *params = value_list(a);
    value_append(a, params, value_str(a, str_of_i64(a, mark->customer)));
    value_append(a, params, value_str(a, action->value));
    value_append(a, params, text_or_null(a, back ? mark->was : action->day));
    if (!back)
        value_append(a, params, value_int(a, clock_now_us() / 1000000));
    if (!hook_add_guard(u, value_get_str(action->feature, KEY(plugin)),
            step_of(a, action, back ? KEY(back) : KEY(apply), params)))
        return MANY_KEPT;
    add_audit(u, action, back, mark);
    batch_mark_add(u, mark);
    enum db_result result = unit_run(u);
    if (result == DB_OK)
        return MANY_CHANGED;
    return result == DB_REFUSED || result == DB_CONFLICT ? MANY_KEPT : MANY_AGAIN;
}

enum many_result many_change(struct arena *a, const struct site *site,
    const struct many_action *action, struct batch_mark *mark)
{
    bool back = !strcmp(mark->to, "undone");
    enum many_result result = MANY_AGAIN;
    for (int i = 0; i < 4 && result == MANY_AGAIN; i++)
        result = action->feature ? ask_feature(a, site, action, back, mark)
                                 : retag(a, site, action, back, mark);
    return result;
}
