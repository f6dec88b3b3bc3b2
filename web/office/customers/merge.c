// Two customers who are one person: who it may be, both side by side with what becomes of each
// part, and the way back for seven days. The one in the address stays.
#include "domain/customer_merge.h"

#include "base/clock.h"
#include "base/phone.h"
#include "domain/customer_merge.sql.h"
#include "http/country.h"
#include "web/office/customers/customers.sql.h"
#include "web/office/customers/pages.h"
#include "web/office/customers/pick.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

// What hangs on the two, as the page counts it.
struct weight {
    int64_t orders, notes, passkeys;
};

static struct str words(struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static struct str counted(struct request *r, const char *key, int64_t count)
{
    return message(r->arena, r->words, str_of(key), "count", value_int(r->arena, count), NULL);
}

static struct str gender_text(struct request *r, struct str gender)
{
    return gender.len ? message(r->arena, r->words,
                            str_join(r->arena, STR("office.value.gender."), gender, STR_NULL), NULL)
                      : STR_NULL;
}

static struct str part_text(
    struct request *r, const struct customer_record *c, enum customer_part part)
{
    switch (part) {
    case CUSTOMER_NAME:
        return customer_name(r->arena, &c->c);
    case CUSTOMER_PHONE:
        return phone_text(r->arena, c->c.phone);
    case CUSTOMER_GENDER:
        return gender_text(r, c->gender);
    case CUSTOMER_BIRTHDATE:
        return c->birthdate;
    default:
        return c->country.len ? country_name(r->language, c->country) : STR_NULL;
    }
}

static const char *const part_titles[CUSTOMER_PARTS] = {[CUSTOMER_NAME] = "office.customers.name",
    [CUSTOMER_PHONE] = "office.customer.phone",
    [CUSTOMER_GENDER] = "office.customer.gender",
    [CUSTOMER_BIRTHDATE] = "office.field.birthdate",
    [CUSTOMER_COUNTRY] = "office.customer.country"};

// A part that both have alike, or only one has, is nothing to decide.
static void add_parts(struct request *r, struct value *view, const struct customer_merge *m)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(parts), list);
    for (int i = 0; i < CUSTOMER_PARTS; i++) {
        struct value *v = value_append_object(a, list);
        struct str kept = part_text(r, &m->kept, i), other = part_text(r, &m->other, i);
        value_set_str(a, v, KEY(part), str_of(customer_part_names[i]));
        value_set_str(a, v, KEY(title), words(r, part_titles[i]));
        value_set_str(a, v, KEY(kept), kept.len ? kept : STR_NULL);
        value_set_str(a, v, KEY(other), other.len ? other : STR_NULL);
        value_set_bool(a, v, KEY(taken), m->take[i]);
        value_set_bool(
            a, v, KEY(differs), kept.len && other.len && !str_eq(kept, other) && !m->kept.c.person);
    }
}

static void add_fact(struct request *r, struct value *list, const char *title, struct str text)
{
    struct value *v = value_append_object(r->arena, list);
    value_set_str(r->arena, v, KEY(title), words(r, title));
    value_set_str(r->arena, v, KEY(text), text);
}

static const char *account_key(const struct customer_merge *m)
{
    if (!m->other.c.registered_us)
        return m->kept.c.registered_us ? "office.merge.account.kept" : "office.merge.account.none";
    return m->kept.c.registered_us ? "office.merge.account.both" : "office.merge.account.moves";
}

// What becomes of everything that hangs on the other one.
static void add_facts(
    struct request *r, struct value *view, const struct customer_merge *m, const struct weight *w)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct customer_record out = customer_merge_outcome(a, m);
    value_set(a, view, KEY(facts), list);
    add_fact(r, list, "office.merge.account",
        message(a, r->words, str_of(account_key(m)), "email", value_str(a, out.c.email), "other",
            value_str(a, m->other.c.email), NULL));
    add_fact(r, list, "office.merge.orders", counted(r, "office.merge.orders_text", w->orders));
    add_fact(r, list, "office.merge.notes", counted(r, "office.merge.notes_text", w->notes));
    add_fact(r, list, "office.customers.tags", out.tags.len ? out.tags : STR("–"));
    add_fact(r, list, "office.merge.logins", counted(r, "office.merge.logins_text", w->passkeys));
    add_fact(r, list, "office.merge.features", words(r, "office.merge.features_text"));
}

static struct value *side_view(struct request *r, const struct customer_record *c)
{
    struct arena *a = r->arena;
    struct value *v = customers_picked(r, &c->c);
    value_set_str(a, v, KEY(account),
        c->c.verified_us     ? STR("verified")
        : c->c.registered_us ? STR("registered")
                             : STR("none"));
    value_set_int(a, v, KEY(version), c->c.version);
    value_set(a, v, KEY(created), customers_time(r, c->c.created_us));
    return v;
}

// "/manage/customers/1/merge?with=2"
static struct str merge_url(struct request *r, int64_t kept, int64_t other)
{
    return request_url(r, str_join(r->arena, customers_path(r, kept, "/merge?with="),
                              str_of_i64(r->arena, other), STR_NULL));
}

static void add_twins(struct request *r, struct value *view, const struct customer *c)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    int64_t ids[CUSTOMER_TWINS_MAX];
    int count = 0;
    value_set(a, view, KEY(twins), list);
    if (customer_twins(a, r->site, c, ids, &count) != CUSTOMER_DONE)
        return;
    for (int i = 0; i < count; i++) {
        struct customer twin;
        if (customer_find(a, r->site, ids[i], &twin) != CUSTOMER_DONE)
            continue;
        struct value *v = customers_picked(r, &twin);
        value_set_str(a, v, KEY(merge_url), merge_url(r, c->id, twin.id));
        value_append(a, list, v);
    }
    value_set_bool(a, view, KEY(has_twins), value_count(list) > 0);
}

// Who may be the same person, and a search for whom the machine doesn't see.
static bool add_choice(struct request *r, struct value *view, const struct customer_merge *m)
{
    struct arena *a = r->arena;
    add_twins(r, view, &m->kept.c);
    if (!customers_pick_view(r, view, form_str(r, KEY(who))))
        return false;
    struct value *matches = value_get(view, KEY(matches)), *others = value_list(a);
    for (size_t i = 0; i < value_count(matches); i++) {
        int64_t id = 0;
        struct value *match = value_at(matches, i);
        str_to_i64(value_get_str(match, KEY(id)), &id);
        if (id == m->kept.c.id)
            continue;
        value_set_str(a, match, KEY(merge_url), merge_url(r, m->kept.c.id, id));
        value_append(a, others, match);
    }
    value_set(a, view, KEY(matches), others);
    value_set_bool(a, view, KEY(has_matches), value_count(others) > 0);
    value_set_bool(a, view, KEY(no_matches), form_str(r, KEY(who)).len && !value_count(others));
    return true;
}

// Both as they are now; false when that was answered.
static bool read_both(struct request *r, struct customer_merge *m, int64_t other, struct weight *w)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    *m = (struct customer_merge){.kept = {.tags = STR_NULL}};
    int place = other ? customer_record_add(u, other) : -1;
    int weight = other ? unit_add(u, &SQL_customer_merge_counts, db_i64(a, r->site->tenant),
                             db_i64(a, other))
                       : -1;
    if (!customers_of_route(r, u, &m->kept))
        return false;
    if (place < 0)
        return true;
    if (!unit_rows(u, place)->count || other == m->kept.c.id) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    m->other = customer_record_of_row(unit_rows(u, place), 0);
    const struct rows *counts = unit_rows(u, weight);
    *w = (struct weight){rows_i64(counts, 0, KEY(orders)), rows_i64(counts, 0, KEY(notes)),
        rows_i64(counts, 0, KEY(passkeys))};
    customer_merge_choose(m);
    return true;
}

static int64_t other_of(const struct request *r)
{
    int64_t id = 0;
    return str_to_i64(form_str(r, KEY(with)), &id) ? id : 0;
}

static void show(
    struct request *r, const struct customer_merge *m, const struct weight *w, int status)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    int64_t id = m->kept.c.id;
    bool compared = m->other.c.id != 0;
    customers_head(r, view, &m->kept);
    value_set_str(a, view, KEY(action), request_url(r, customers_path(r, id, "/merge")));
    value_set_bool(a, view, KEY(compared), compared);
    value_set_bool(a, view, KEY(changed), status == 409);
    value_set_bool(a, view, KEY(verified), compared && m->other.c.person);
    value_set_int(a, view, KEY(days), CUSTOMER_UNDO_DAYS);
    if (compared) {
        value_set(a, view, KEY(kept), side_view(r, &m->kept));
        value_set(a, view, KEY(other), side_view(r, &m->other));
        value_set_str(a, view, KEY(swap_url), merge_url(r, m->other.c.id, id));
        add_parts(r, view, m);
        add_facts(r, view, m, w);
    } else if (!add_choice(r, view, m)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (status == 409 && r->wants_json)
        respond_problem(r, PROBLEM_CONFLICT);
    else if (form_refused(r))
        respond_invalid(r, "office/customers/merge", view);
    else
        respond_page(r, status, "office/customers/merge", view);
}

static void on_look(struct request *r)
{
    struct customer_merge m;
    struct weight w = {0};
    if (read_both(r, &m, other_of(r), &w))
        show(r, &m, &w, 200);
}

static void read_chosen(struct request *r, struct customer_merge *m)
{
    for (int i = 0; i < CUSTOMER_PARTS && !m->kept.c.person; i++) {
        struct str said = form_str(r, value_key_intern(str_of(customer_part_names[i])));
        if (said.len)
            m->take[i] = str_is(said, "other");
    }
    m->kept.c.version = form_int(r, KEY(version), -1);
    m->other.c.version = form_int(r, KEY(other_version), -1);
}

static void done(struct request *r, int64_t id, const char *what)
{
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_done(
        r, 200, str_join(r->arena, customers_path(r, id, "?done="), str_of(what), STR_NULL), view);
}

static void on_merge(struct request *r)
{
    struct customer_merge m;
    struct weight w = {0};
    int64_t other = other_of(r), id = 0;
    if (!read_both(r, &m, other, &w))
        return;
    if (form_refused(r)) {
        show(r, &m, &w, 422);
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    read_chosen(r, &m);
    enum customer_result result = customer_merge(r->arena, &by, &m, &id);
    if (result == CUSTOMER_DONE)
        done(r, m.kept.c.id, "customer_merged");
    else if (result != CUSTOMER_CHANGED)
        customer_problem(r, result);
    else if (read_both(r, &m, other, &w))
        show(r, &m, &w, 409);
}

static void on_undo(struct request *r)
{
    struct customer_record record;
    int64_t id = 0;
    if (!customers_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &record))
        return;
    if (form_refused(r) || !str_to_i64(r->params[1], &id)) {
        respond_problem(r, form_refused(r) ? PROBLEM_INVALID : PROBLEM_NOT_FOUND);
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    record.c.version = form_int(r, KEY(version), -1);
    enum customer_result result = customer_merge_undo(r->arena, &by, &record.c, id);
    if (result == CUSTOMER_DONE)
        done(r, record.c.id, "customer_unmerged");
    else if (result == CUSTOMER_TAKEN)
        respond_problem_code(r, PROBLEM_CONFLICT, "address_taken");
    else
        customer_problem(r, result);
}

static const char *const sides[] = {"kept", "other", NULL};
static const struct form form_look = FORM({"with", .kind = FIELD_ID}, {"who", .max = 100});
static const struct form form_merge = FORM({"csrf", .kind = FIELD_TEXT},
    {"with", .kind = FIELD_ID, .required = true}, FORM_SEEN("version"), FORM_SEEN("other_version"),
    {"name", .kind = FIELD_CHOICE, .choices = sides},
    {"phone", .kind = FIELD_CHOICE, .choices = sides},
    {"gender", .kind = FIELD_CHOICE, .choices = sides},
    {"birthdate", .kind = FIELD_CHOICE, .choices = sides},
    {"country", .kind = FIELD_CHOICE, .choices = sides});
static const struct form form_undo = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"));

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/{id}/merge", PERMIT_CUSTOMERS_DELETE, on_look, &form_look, 0, 0},
    {HTTP_POST, "/manage/customers/{id}/merge", PERMIT_CUSTOMERS_DELETE, on_merge, &form_merge, 0,
        0},
    {HTTP_POST, "/manage/customers/{id}/merges/{merge}/undo", PERMIT_CUSTOMERS_DELETE, on_undo,
        &form_undo, 0, 0},
};

OFFICE_PAGE(routes, NULL)
