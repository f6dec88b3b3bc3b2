// One customer: who it is, to be edited (C9); bookings at this site (C11); notes, history.
#include "base/clock.h"
#include "base/date.h"
#include "base/phone.h"
#include "domain/customer_merge.h"
#include "domain/customer_merge.sql.h"
#include "domain/customer_record.sql.h"
#include "http/country.h"
#include "web/office/customers/customer.sql.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/orders/pages.h"

enum { SHOWN_BOOKINGS = 5 };

struct str customers_path(const struct request *r, int64_t id, const char *end)
{
    return str_join(
        r->arena, STR("/manage/customers/"), str_of_i64(r->arena, id), str_of(end), STR_NULL);
}

struct value *customers_time(struct request *r, int64_t at_us)
{
    return format_time_value(r->arena, r->format, r->site->zone, at_us);
}

static bool customers_may_change(const struct request *r)
{
    return role_has(role_of(r->session.role), PERMIT_CUSTOMERS_CHANGE);
}

struct str customers_account(const struct rows *rows, int i)
{
    if (!rows_bool(rows, i, KEY(has_account)))
        return STR("none");
    return rows_bool(rows, i, KEY(is_verified)) ? STR("verified") : STR("registered");
}

int64_t customers_id_of_route(const struct request *r)
{
    int64_t id;
    return str_to_i64(r->params[0], &id) && id > 0 ? id : 0;
}

// Who was merged into somebody is found there: links and bookmarks go on working.
static void respond_gone(struct request *r)
{
    int64_t kept = 0;
    if (r->method == HTTP_GET && !r->wants_json &&
        customer_merged_into(r->arena, r->site, customers_id_of_route(r), &kept) == CUSTOMER_DONE &&
        kept)
        respond_redirect(r, request_url(r, customers_path(r, kept, "")));
    else
        respond_problem(r, PROBLEM_NOT_FOUND);
}

bool customers_of_route(struct request *r, struct unit *u, struct customer_record *out)
{
    int place = customer_record_add(u, customers_id_of_route(r));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    if (!unit_rows(u, place)->count) {
        respond_gone(r);
        return false;
    }
    *out = customer_record_of_row(unit_rows(u, place), 0);
    return true;
}

// As people read them.
static void add_words(struct request *r, struct value *v, const struct customer_record *record)
{
    struct arena *a = r->arena;
    struct date day;
    struct str gender = str_join(a, STR("office.value.gender."), record->gender, STR_NULL);
    value_set_str(
        a, v, KEY(gender_name), record->gender.len ? message(a, r->words, gender, NULL) : STR_NULL);
    value_set_str(a, v, KEY(birthdate_text),
        record->birthdate.len && date_parse(record->birthdate, &day)
            ? format_date(a, r->format, day, FORMAT_DATE_LONG)
            : STR_NULL);
}

static struct value *customer_view(struct request *r, const struct customer_record *record)
{
    struct arena *a = r->arena;
    const struct customer *c = &record->c;
    struct value *v = customer_record_value(a, record);
    value_set_str(a, v, KEY(id), str_of_i64(a, c->id));
    value_set_int(a, v, KEY(version), c->version);
    value_set_str(a, v, KEY(name), customer_name(a, c));
    value_set_str(a, v, KEY(phone_text), phone_text(a, c->phone));
    value_set_str(a, v, KEY(country_name),
        record->country.len ? country_name(r->language, record->country) : STR_NULL);
    value_set_str(a, v, KEY(language), c->language);
    value_set_str(a, v, KEY(made_by), record->made_by);
    value_set_str(a, v, KEY(account),
        c->verified_us     ? STR("verified")
        : c->registered_us ? STR("registered")
                           : STR("none"));
    value_set_bool(a, v, KEY(verified_person), c->person != 0);
    if (!r->wants_json)
        add_words(r, v, record);
    value_set(a, v, KEY(created), customers_time(r, c->created_us));
    value_set(a, v, KEY(registered),
        c->registered_us ? customers_time(r, c->registered_us) : value_null());
    return v;
}

// What features add beside the profile.
static void add_tabs_of_features(struct request *r, struct value *view, int64_t id)
{
    struct arena *a = r->arena;
    struct value *in = value_object(a);
    value_set_str(a, in, KEY(customer_id), str_of_i64(a, id));
    const struct value *found = hook_collect(a, r->site, HOOK_customer_tabs, in);
    for (size_t i = 0; i < value_count(found); i++) {
        struct str path = value_get_str(value_at(found, i), KEY(path));
        if (!str_starts(path, STR("/manage/x/")))
            continue;
        struct value *tab = value_append_object(a, value_get(view, KEY(tabs)));
        value_set_str(a, tab, KEY(title), value_get_str(value_at(found, i), KEY(title)));
        value_set_str(a, tab, KEY(tab_url), request_url(r, path));
        value_set_bool(a, tab, KEY(current), str_eq(r->path, path));
    }
}

void customers_head(struct request *r, struct value *view, const struct customer_record *record)
{
    struct arena *a = r->arena;
    int64_t id = record->c.id;
    struct str name = customer_name(a, &record->c);
    office_object_view(
        r, view, &(struct office_object){name, "/manage/customers", "office.nav.customers"});
    office_tab_add(r, view, "office.customer.tab.profile", customers_path(r, id, ""));
    office_tab_add(r, view, "office.customer.tab.bookings", customers_path(r, id, "/bookings"));
    add_tabs_of_features(r, view, id);
    value_set_str(a, view, KEY(delete_url),
        role_has(role_of(r->session.role), PERMIT_CUSTOMERS_DELETE)
            ? request_url(r, customers_path(r, id, "/delete"))
            : STR_NULL);
    value_set(a, view, KEY(customer), customer_view(r, record));
    value_set_bool(a, view, KEY(may_change), customers_may_change(r));
    value_set_str(a, view, KEY(customer_url), request_url(r, customers_path(r, id, "")));
    office_done(r, view, name);
}

static struct value *booking_view(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str code = rows_str(rows, i, KEY(code));
    value_set_str(a, v, KEY(code), code);
    value_set_str(a, v, KEY(title), rows_str(rows, i, KEY(title)));
    value_set_str(a, v, KEY(rate), rows_str(rows, i, KEY(rate_name)));
    value_set_int(a, v, KEY(quantity), rows_i64(rows, i, KEY(quantity)));
    value_set(a, v, KEY(when), customers_time(r, rows_us(rows, i, KEY(starts_us))));
    value_set(a, v, KEY(total), orders_money(r, rows_i64(rows, i, KEY(total_minor))));
    value_set_str(a, v, KEY(state),
        rows_bool(rows, i, KEY(no_show)) ? STR("no_show") : rows_str(rows, i, KEY(state)));
    value_set_bool(a, v, KEY(ahead), rows_us(rows, i, KEY(ends_us)) > clock_now_us());
    value_set_str(
        a, v, KEY(order_url), request_url(r, str_join(a, STR("/manage/orders/"), code, STR_NULL)));
    return v;
}

// What a page of one customer reads.
struct page {
    struct customer_record record;
    const struct rows *bookings, *notes, *wish, *history, *merges;
};

static bool read_page(struct request *r, struct page *p)
{
    struct arena *a = r->arena;
    int64_t number = customers_id_of_route(r);
    struct str tenant = db_i64(a, r->site->tenant), id = db_i64(a, number);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int bookings = unit_add(
        u, &SQL_customer_bookings, tenant, id, STR_NULL, STR_NULL, db_i64(a, SHOWN_BOOKINGS + 1));
    int notes = unit_add(u, &SQL_customer_notes, tenant, id);
    int wish = unit_add(u, &SQL_customer_wish, tenant, id);
    int merges = unit_add(
        u, &SQL_customer_merges, tenant, id, db_time(a, clock_now_us() - CUSTOMER_UNDO_US));
    int history = office_history_add(r, u, "customer", str_of_i64(a, number));
    if (!customers_of_route(r, u, &p->record))
        return false;
    p->bookings = unit_rows(u, bookings);
    p->notes = unit_rows(u, notes);
    p->wish = unit_rows(u, wish);
    p->merges = unit_rows(u, merges);
    p->history = unit_rows(u, history);
    return true;
}

static void add_bookings(struct request *r, struct value *view, const struct rows *rows, int most)
{
    struct value *list = value_list(r->arena);
    value_set(r->arena, view, KEY(bookings), list);
    for (int i = 0; i < rows->count && i < most; i++)
        value_append(r->arena, list, booking_view(r, rows, i));
    value_set_bool(r->arena, view, KEY(has_bookings), rows->count > 0);
}

static void add_notes(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(notes), list);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(author), rows_str(rows, i, KEY(author)));
        value_set_str(a, v, KEY(body), rows_str(rows, i, KEY(body)));
        value_set(a, v, KEY(when), customers_time(r, rows_us(rows, i, KEY(at_us))));
    }
}

static void add_wish(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *v = rows->count ? value_object(a) : value_null();
    value_set(a, view, KEY(wish), v);
    if (!rows->count)
        return;
    value_set_str(a, v, KEY(email), rows_str(rows, 0, KEY(email)));
    value_set_str(a, v, KEY(reason), rows_str(rows, 0, KEY(reason)));
    value_set(a, v, KEY(when), customers_time(r, rows_us(rows, 0, KEY(asked_us))));
}

// What was merged into this one lately, for whoever may take it back.
static void add_merges(struct request *r, struct value *view, const struct page *p)
{
    struct arena *a = r->arena;
    const struct rows *rows = p->merges;
    struct value *list = value_list(a);
    bool may = role_has(role_of(r->session.role), PERMIT_CUSTOMERS_DELETE);
    value_set(a, view, KEY(merges), list);
    for (int i = 0; may && i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        struct customer c = {.first_name = rows_str(rows, i, KEY(first_name)),
            .last_name = rows_str(rows, i, KEY(last_name))};
        struct str id = str_of_i64(a, rows_i64(rows, i, KEY(merge_id)));
        struct str end = str_join(a, STR("/merges/"), id, STR("/undo"), STR_NULL);
        value_set_str(a, v, KEY(id), id);
        value_set_str(a, v, KEY(name), customer_name(a, &c));
        value_set_str(a, v, KEY(email), rows_str(rows, i, KEY(email)));
        value_set_str(a, v, KEY(actor), rows_str(rows, i, KEY(actor_name)));
        value_set(a, v, KEY(until),
            customers_time(r, rows_us(rows, i, KEY(merged_us)) + CUSTOMER_UNDO_US));
        value_set_int(a, v, KEY(version), p->record.c.version);
        value_set_str(
            a, v, KEY(undo_url), request_url(r, customers_path(r, p->record.c.id, str_z(a, end))));
    }
    value_set_bool(a, view, KEY(has_merges), value_count(list) > 0);
}

static struct value *view_of(
    struct request *r, const struct page *p, const struct customer_record *shown)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    int64_t id = p->record.c.id;
    customers_head(r, view, &p->record);
    if (!r->wants_json)
        customers_form_view(r, view, shown, false);
    add_bookings(r, view, p->bookings, SHOWN_BOOKINGS);
    value_set_str(a, view, KEY(bookings_url),
        p->bookings->count > SHOWN_BOOKINGS ? request_url(r, customers_path(r, id, "/bookings"))
                                            : STR_NULL);
    add_notes(r, view, p->notes);
    add_wish(r, view, p->wish);
    add_merges(r, view, p);
    bool may_delete = role_has(role_of(r->session.role), PERMIT_CUSTOMERS_DELETE);
    value_set_str(a, view, KEY(merge_url),
        may_delete ? request_url(r, customers_path(r, id, "/merge")) : STR_NULL);
    value_set_str(a, view, KEY(data_url),
        may_delete ? request_url(r, customers_path(r, id, "/data")) : STR_NULL);
    value_set_str(a, view, KEY(save_url), request_url(r, customers_path(r, id, "")));
    value_set_str(a, view, KEY(note_url), request_url(r, customers_path(r, id, "/notes")));
    value_set_str(a, view, KEY(email_url), request_url(r, customers_path(r, id, "/email")));
    value_set_str(a, view, KEY(book_url),
        role_has(role_of(r->session.role), PERMIT_ORDERS_BOOK)
            ? request_url(r, str_format(a, "/manage/orders/new?customer=%lld", (long long)id))
            : STR_NULL);
    office_history_view(r, view, p->history);
    return view;
}

static void refuse(struct request *r, const struct page *p, const struct customer_record *shown)
{
    respond_invalid(r, "office/customers/customer", view_of(r, p, shown));
}

static void on_customer(struct request *r)
{
    struct page p;
    if (read_page(r, &p))
        respond_page(r, 200, "office/customers/customer", view_of(r, &p, &p.record));
}

static void say_conflict(struct request *r, struct page *p, const struct customer_record *sent)
{
    // What is there now is what one has seen from here on; what was typed stays.
    if (!read_page(r, p))
        return;
    struct office_conflict conflict = {.theirs = customer_record_value(r->arena, &p->record),
        .yours = customer_record_value(r->arena, sent)};
    if (p->history->count) {
        conflict.who = rows_str(p->history, 0, KEY(actor_name));
        conflict.at_us = rows_us(p->history, 0, KEY(at_us));
    }
    office_conflict_respond(r, "office/customers/customer", view_of(r, p, sent), &conflict);
}

// C10: what a verified person confirmed is the person's. Nothing was saved, and the page says why;
// what was typed goes, since it can't be saved here.
static void say_verified(struct request *r, struct page *p)
{
    if (r->wants_json || r->sent_json) {
        customer_problem(r, CUSTOMER_VERIFIED);
        return;
    }
    r->typed = NULL;
    if (!read_page(r, p))
        return;
    struct value *view = view_of(r, p, &p->record);
    value_set_bool(r->arena, view, KEY(own_refused), true);
    respond_page(r, 403, "office/customers/customer", view);
}

static void answer(struct request *r, int64_t id, const char *done)
{
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_done(
        r, 200, str_join(r->arena, customers_path(r, id, "?done="), str_of(done), STR_NULL), view);
}

static void on_save(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    // The address has a page of its own, since others are told; it isn't changed by the way.
    struct str email = form_str(r, KEY(email));
    bool other = email.len && !str_eq(email, p.record.c.email);
    if (other && p.record.c.person) {
        say_verified(r, &p);
        return;
    }
    if (other)
        form_refuse_text(r, "email", "email_apart",
            message(r->arena, r->words, STR("office.customer.email.apart"), NULL));
    struct customer_record sent = customers_sent(r, &p.record, false);
    if (form_refused(r)) {
        refuse(r, &p, &p.record);
        return;
    }
    sent.c.version = form_int(r, KEY(version), -1);
    bool same = value_equal(
        customer_record_value(r->arena, &sent), customer_record_value(r->arena, &p.record));
    if (same) {
        answer(r, sent.c.id, "customer_saved");
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    enum customer_result result = customer_change(r->arena, &by, &sent);
    if (result == CUSTOMER_DONE)
        answer(r, sent.c.id, "customer_saved");
    else if (result == CUSTOMER_CHANGED)
        say_conflict(r, &p, &sent);
    else if (result == CUSTOMER_VERIFIED)
        say_verified(r, &p);
    else
        customer_problem(r, result);
}

static void on_note(struct request *r)
{
    struct page p;
    if (form_refused(r)) {
        if (read_page(r, &p))
            refuse(r, &p, &p.record);
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    int64_t id = customers_id_of_route(r);
    enum customer_result result = customer_add_note(r->arena, &by, id, form_str(r, KEY(note)));
    if (result == CUSTOMER_DONE)
        answer(r, id, "customer_noted");
    else
        customer_problem(r, result);
}

static void on_bookings(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct customer_record record;
    int64_t at_us = 0;
    bool onward = list.after.p && str_to_i64(list.after, &at_us);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_customer_bookings, db_i64(a, r->site->tenant),
        db_i64(a, customers_id_of_route(r)), onward ? db_time(a, at_us) : STR_NULL, list.after_id,
        office_list_limit(&list));
    if (!customers_of_route(r, u, &record))
        return;
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++)
        value_append(a, list.items, booking_view(r, rows, i));
    office_list_next(&list, rows, KEY(ends_us), KEY(line_id));
    struct value *view = page_view(r);
    customers_head(r, view, &record);
    office_list_respond(r, "office/customers/bookings", view, &list);
}

static const struct form form_page =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_note =
    FORM({"csrf", .kind = FIELD_TEXT}, {"note", .kind = FIELD_LONG, .required = true, .max = 4000});
static const struct form form_bookings = FORM(OFFICE_LIST_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/{id}", PERMIT_CUSTOMERS_READ, on_customer, &form_page, 0, 0},
    {HTTP_POST, "/manage/customers/{id}", PERMIT_CUSTOMERS_CHANGE, on_save, &customers_form_change,
        0, 0},
    {HTTP_POST, "/manage/customers/{id}/notes", PERMIT_CUSTOMERS_CHANGE, on_note, &form_note, 0, 0},
    {HTTP_GET, "/manage/customers/{id}/bookings", PERMIT_CUSTOMERS_READ, on_bookings,
        &form_bookings, 0, 0},
};

OFFICE_PAGE(routes, NULL)
