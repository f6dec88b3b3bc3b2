// One offer: its fields, publishing, archiving, deleting, its history.
#include "base/clock.h"
#include "domain/offer_follow.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/offers/offer_page.h"
#include "web/office/schedule/effect.h"

struct page {
    struct offer offer;
    struct offer_choices choices;
    const struct rows *history;
};

static bool read_page(struct request *r, struct page *p)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    struct offer_choice_places places = offer_choices_add(r, u);
    int history = offer_history_add(r, u, false);
    if (!offer_of_route(r, u, &p->offer))
        return false;
    p->choices = offer_choices_take(u, places);
    p->history = unit_rows(u, history);
    return true;
}

// Where the rules for cancelling are: a feature's, whose page names each offer.
static void add_cancelling(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    const struct feature_info *info = feature_info_find(STR("self-cancel"));
    struct value *v = info ? value_object(a) : value_null();
    value_set(a, view, KEY(cancelling), v);
    if (!info)
        return;
    bool on = site_feature_state(r->site, info->name) == FEATURE_ON;
    value_set_bool(a, v, KEY(on), on);
    value_set_str(a, v, KEY(title), feature_words(r, info->title));
    value_set_str(a, v, KEY(cancelling_url),
        on ? request_url(r, STR("/manage/x/self-cancel/")) : feature_url(r, info->name, ""));
}

static struct value *view_of(struct request *r, const struct page *p, const struct value *doc)
{
    struct value *view = page_view(r);
    offer_view(r, view, &p->offer);
    if (!r->wants_json)
        offer_form_view(r, view, doc, &p->choices);
    add_cancelling(r, view);
    value_set(r->arena, view, KEY(effect), value_null());
    offer_history_view(r, view, p->history, offer_names(r, &p->choices));
    return view;
}

static void on_offer(struct request *r)
{
    struct page p;
    if (read_page(r, &p))
        respond_page(r, 200, "office/offers/offer", view_of(r, &p, p.offer.doc));
}

static void say_conflict(struct request *r, struct page *p, const struct value *doc)
{
    // What is there now is what one has seen from here on; what was typed stays.
    if (!read_page(r, p))
        return;
    struct office_conflict conflict = {
        .theirs = p->offer.doc, .yours = doc, .names = offer_names(r, &p->choices)};
    if (p->history->count) {
        conflict.who = rows_str(p->history, 0, KEY(actor_name));
        conflict.at_us = rows_us(p->history, 0, KEY(at_us));
    }
    office_conflict_respond(r, "office/offers/offer", view_of(r, p, doc), &conflict);
}

static void refuse(struct request *r, const struct page *p, const struct value *doc)
{
    respond_invalid(r, "office/offers/offer", view_of(r, p, doc));
}

static void answer_saved(struct request *r, const struct page *p, const struct offer_follow *follow)
{
    struct value *view = value_object(r->arena);
    struct str id = str_of_i64(r->arena, p->offer.id);
    struct str path = offer_path(r, id, "?done=offer_saved");
    value_set_str(r->arena, view, KEY(id), id);
    value_set(r->arena, view, KEY(effect), value_null());
    if (follow->facts) {
        schedule_effect_view(r, view, follow->facts, follow->plan);
        path = schedule_done_path(r, path, follow->plan);
    }
    respond_done(r, 200, path, view);
}

// Which of its times find the other resources taken, before it is saved.
static void ask(struct request *r, const struct page *p, const struct value *doc,
    const struct offer_follow *follow)
{
    struct value *view = view_of(r, p, doc);
    schedule_effect_view(r, view, follow->facts, follow->plan);
    respond_page(r, 409, "office/offers/offer", view);
}

static void on_save(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *doc = offer_doc_sent(r, p.offer.doc, &p.choices);
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    if (str_is(form_str(r, KEY(do)), "preview") && !form_refused(r)) {
        offer_preview(r, &p.offer, doc);
        return;
    }
    if (form_refused(r)) {
        refuse(r, &p, doc);
        return;
    }
    int64_t seen = form_int(r, KEY(version), -1);
    struct offer_follow follow = {.agreed = form_bool(r, KEY(agreed))};
    if (value_equal(doc, p.offer.doc)) {
        answer_saved(r, &p, &follow);
        return;
    }
    p.offer.version = seen;
    enum offer_result result = offer_save(r->arena, &by, &p.offer, doc, &follow);
    switch (result) {
    case OFFER_DONE:
        answer_saved(r, &p, &follow);
        return;
    case OFFER_ASKS:
        ask(r, &p, doc, &follow);
        return;
    case OFFER_CHANGED:
        say_conflict(r, &p, doc);
        return;
    case OFFER_TAKEN:
        form_refuse_text(
            r, "slug", "taken", message(r->arena, r->words, STR("office.offer.slug_taken"), NULL));
        refuse(r, &p, doc);
        return;
    default:
        offer_problem(r, result);
    }
}

static void set_state(struct request *r, const char *state, const char *done)
{
    struct offer offer;
    if (!offer_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &offer))
        return;
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    struct str id = str_of_i64(r->arena, offer.id);
    // A second click finds it done.
    enum offer_result result =
        str_is(offer.state, state) ? OFFER_DONE : offer_set_state(r->arena, &by, &offer, state);
    if (result != OFFER_DONE) {
        offer_problem(r, result);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), id);
    value_set_str(r->arena, view, KEY(state), str_of(state));
    respond_done(
        r, 200, str_join(r->arena, offer_path(r, id, "?done="), str_of(done), STR_NULL), view);
}

static void on_publish(struct request *r)
{
    set_state(r, "published", "offer_published");
}

static void on_unpublish(struct request *r)
{
    set_state(r, "draft", "offer_unpublished");
}

static void on_archive(struct request *r)
{
    set_state(r, "archived", "offer_archived");
}

static void on_restore(struct request *r)
{
    set_state(r, "draft", "offer_restored");
}

struct deletion {
    struct offer offer;
    struct offer_uses uses;
};

static bool read_deletion(struct request *r, struct deletion *d)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int uses = offer_add_uses(u, offer_id_of_route(r), clock_now_us());
    if (!offer_of_route(r, u, &d->offer))
        return false;
    d->uses = offer_take_uses(unit_rows(u, uses));
    return true;
}

// What stands in the way, and that archiving does what one wants.
static void say_in_use(struct request *r, const struct deletion *d)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *uses = value_object(a);
    if (r->wants_json || r->sent_json) {
        respond_problem_code(r, PROBLEM_CONFLICT, "offer_in_use");
        return;
    }
    offer_view(r, view, &d->offer);
    value_set(a, view, KEY(uses), uses);
    // What doesn't stand in the way isn't spoken of.
    value_set(a, uses, KEY(lines), d->uses.lines ? value_int(a, d->uses.lines) : value_null());
    value_set(a, uses, KEY(ahead), d->uses.ahead ? value_int(a, d->uses.ahead) : value_null());
    value_set(
        a, uses, KEY(profiles), d->uses.profiles ? value_int(a, d->uses.profiles) : value_null());
    respond_page(r, 409, "office/offers/in_use", view);
}

static bool is_used(const struct deletion *d)
{
    return d->uses.lines > 0 || d->uses.profiles > 0;
}

static void ask_to_delete(struct request *r, const struct deletion *d)
{
    struct arena *a = r->arena;
    struct str id = str_of_i64(a, d->offer.id);
    struct value *title = value_str(a, offer_title(r, &d->offer));
    office_confirm_respond(r,
        &(struct office_confirm){
            .title = message(a, r->words, STR("office.offer.delete.title"), "title", title, NULL),
            .text = message(a, r->words, STR("office.offer.delete.text"), NULL),
            .button = message(a, r->words, STR("office.offer.delete.go"), NULL),
            .action_path = offer_path(r, id, "/delete"),
            .back_path = offer_path(r, id, ""),
            .typed = value_get_str(d->offer.doc, KEY(slug))});
}

static void on_ask_to_delete(struct request *r)
{
    struct deletion d;
    if (!read_deletion(r, &d))
        return;
    if (is_used(&d))
        say_in_use(r, &d);
    else
        ask_to_delete(r, &d);
}

static void on_delete(struct request *r)
{
    struct deletion d;
    if (!read_deletion(r, &d))
        return;
    if (is_used(&d)) {
        say_in_use(r, &d);
        return;
    }
    if (!office_confirmed(r, value_get_str(d.offer.doc, KEY(slug)))) {
        ask_to_delete(r, &d);
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    enum offer_result result = offer_delete(r->arena, &by, &d.offer);
    if (result != OFFER_DONE)
        offer_problem(r, result);
    else
        respond_done(r, 200, STR("/manage/offers?done=offer_deleted"), value_object(r->arena));
}

static void on_preview(struct request *r)
{
    struct offer offer;
    if (offer_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &offer))
        offer_preview(r, &offer, offer.doc);
}

static const struct form form_page = FORM(SCHEDULE_DONE_FIELDS, OFFICE_HISTORY_FIELD);
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_delete =
    FORM({"csrf", .kind = FIELD_TEXT}, {"typed", .kind = FIELD_TEXT, .max = 100});

static const struct route routes[] = {
    {HTTP_GET, "/manage/offers/{id}", PERMIT_OFFERS_READ, on_offer, &form_page, 0, 0},
    {HTTP_POST, "/manage/offers/{id}", PERMIT_OFFERS_CHANGE, on_save, &offer_edit_form, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/publish", PERMIT_OFFERS_CHANGE, on_publish, &form_button, 0,
        0},
    {HTTP_POST, "/manage/offers/{id}/unpublish", PERMIT_OFFERS_CHANGE, on_unpublish, &form_button,
        0, 0},
    {HTTP_POST, "/manage/offers/{id}/archive", PERMIT_OFFERS_CHANGE, on_archive, &form_button, 0,
        0},
    {HTTP_POST, "/manage/offers/{id}/restore", PERMIT_OFFERS_CHANGE, on_restore, &form_button, 0,
        0},
    {HTTP_GET, "/manage/offers/{id}/delete", PERMIT_OFFERS_CHANGE, on_ask_to_delete, NULL, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/delete", PERMIT_OFFERS_CHANGE, on_delete, &form_delete, 0, 0},
    {HTTP_GET, "/manage/offers/{id}/preview", PERMIT_OFFERS_READ, on_preview, NULL, 0, 0},
};

OFFICE_PAGE(routes, NULL)
