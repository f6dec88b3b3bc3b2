// All sites: found by words of their name or address, narrowed down by state, plan, feature and
// what asks for attention; each figure leads to the list behind it.
#include "base/clock.h"
#include "base/text.h"
#include "base/zone.h"
#include "data/db.h"
#include "domain/plan.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/home.sql.h"
#include "web/office/frame/list.h"
#include "web/platform/platform.h"

enum { SITES_SHOWN = 25, SEARCH_WORDS_MAX = 8 };

#define FIGURES_US (30 * US_PER_DAY)

static struct str path_of(struct request *r, const char *list, struct str slug)
{
    return request_url(r, str_join(r->arena, str_of(list), STR("?site="), slug, STR_NULL));
}

// A count with the list behind it; null where there is nothing to look at.
static void add_figure(
    struct request *r, struct value *site, value_key key, int64_t count, struct str url)
{
    struct value *figure = value_object(r->arena);
    value_set(r->arena, site, key, count ? figure : value_null());
    value_set_int(r->arena, figure, KEY(count), count);
    value_set_str(r->arena, figure, KEY(list_url), url);
}

static void add_site(struct request *r, struct value *list, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *site = value_append_object(a, list);
    struct str slug = rows_str(rows, i, KEY(slug)), state = rows_str(rows, i, KEY(state));
    struct str dot = console_dot(state, rows_bool(rows, i, KEY(practice)));
    struct date since = zone_date(zone_utc(), rows_us(rows, i, KEY(created_us)));
    value_set_str(a, site, KEY(slug), slug);
    value_set_str(a, site, KEY(name), rows_str(rows, i, KEY(name)));
    value_set_str(a, site, KEY(kind), rows_str(rows, i, KEY(kind)));
    value_set_str(a, site, KEY(kind_title), platform_kind_title(r, rows_str(rows, i, KEY(kind))));
    value_set_str(a, site, KEY(state), state);
    value_set_str(a, site, KEY(dot), dot);
    value_set_str(a, site, KEY(state_text), console_state_text(r, dot));
    value_set_str(a, site, KEY(plan), rows_str(rows, i, KEY(plan)));
    value_set_str(a, site, KEY(since), format_date(a, r->format, since, FORMAT_DATE_NUMERIC));
    value_set_str(a, site, KEY(page_url), console_site_url(r, slug, ""));
    value_set_str(a, site, KEY(site_url), platform_site_url(r, slug, "/"));
    add_figure(r, site, KEY(features), rows_i64(rows, i, KEY(features)),
        console_site_url(r, slug, "/setup"));
    add_figure(
        r, site, KEY(errors), rows_i64(rows, i, KEY(errors)), path_of(r, "/console/errors", slug));
    add_figure(r, site, KEY(tripped), rows_i64(rows, i, KEY(tripped)),
        str_join(a, path_of(r, "/console/errors", slug), STR("&state=paused"), STR_NULL));
    add_figure(r, site, KEY(jobs), rows_i64(rows, i, KEY(jobs)), path_of(r, "/console/jobs", slug));
    add_figure(r, site, KEY(approvals), rows_i64(rows, i, KEY(approvals)),
        path_of(r, "/console/approvals", slug));
}

// The site's own numbers, with its tenant set; what the platform may not read.
static bool add_figures(struct request *r, struct value *site, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    int64_t tenant = rows_i64(rows, i, KEY(tenant_id));
    struct str slug = rows_str(rows, i, KEY(slug));
    struct currency currency;
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(
        u, &SQL_console_site_figures, db_i64(a, tenant), db_time(a, clock_now_us() - FIGURES_US));
    if (unit_run(u) != DB_OK || !currency_parse(rows_str(rows, i, KEY(currency)), &currency))
        return false;
    const struct rows *f = unit_rows(u, place);
    struct value *sales = value_object(a);
    value_set(a, site, KEY(sales), sales);
    value_set_int(a, sales, KEY(orders), rows_i64(f, 0, KEY(orders)));
    value_set(a, sales, KEY(amount),
        format_money_value(a, r->format, rows_i64(f, 0, KEY(total_minor)), currency));
    value_set_str(a, sales, KEY(list_url), console_site_url(r, slug, "/sales"));
    add_figure(
        r, site, KEY(bounces), rows_i64(f, 0, KEY(bounces)), console_site_url(r, slug, "/mails"));
    return true;
}

static bool is_of_word(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

// The beginning of a word. The text search takes "court-12" for a word and a negative number.
static void add_word(struct buf *b, struct str word)
{
    bool number = word.p[0] >= '0' && word.p[0] <= '9';
    buf_add(b, b->len ? STR(" & ('") : STR("('"));
    buf_add(b, word);
    if (number) {
        buf_add(b, STR("':* | '-"));
        buf_add(b, word);
    }
    buf_add(b, STR("':*)"));
}

// "aqua 12" → "('aqua':*) & ('12':* | '-12':*)": beginnings of words, in any order. Absent without
// a word.
static struct str word_query(struct arena *a, struct str search)
{
    struct buf b;
    buf_init(&b, a, 4096);
    for (int words = 0; search.len && words < SEARCH_WORDS_MAX; words++) {
        size_t from = 0, to;
        while (from < search.len && !is_of_word(search.p[from]))
            from++;
        for (to = from; to < search.len && is_of_word(search.p[to]);)
            to++;
        if (to > from)
            add_word(&b, str_sub(search, from, to));
        search = str_sub(search, to, search.len);
    }
    return b.len ? buf_str(&b) : STR_NULL;
}

// Numbers of sites that a statement gives as one array.
static bool read_found(struct request *r, struct unit *u, int place, struct str *found)
{
    struct arena *a = r->arena;
    if (unit_run(u) != DB_OK)
        return false;
    const struct value *ids = rows_json(a, unit_rows(u, place), 0, KEY(found));
    int64_t *numbers = arena_new_array(a, int64_t, value_count(ids) + 1);
    for (size_t i = 0; i < value_count(ids); i++)
        (void)str_to_i64(value_as_str(value_at(ids, i)), &numbers[i]);
    *found = db_i64_array(a, numbers, value_count(ids));
    return true;
}

static struct str filter(struct request *r, value_key field)
{
    struct str s = form_str(r, field);
    return s.len ? s : STR_NULL;
}

// What narrows the list down; absent where it doesn't.
struct wanted {
    struct str after, state, practice, plan, feature, attention, words;
};

static struct wanted wanted_of(struct request *r)
{
    struct str after = form_str(r, KEY(after));
    struct wanted w = {.after = after.p ? after : STR(""),
        .state = filter(r, KEY(state)),
        .plan = filter(r, KEY(plan)),
        .feature = filter(r, KEY(feature)),
        .attention = filter(r, KEY(attention)),
        .words = word_query(r->arena, text_fold(r->arena, form_str(r, KEY(q))))};
    if (str_is(w.state, "practice") || str_is(w.state, "open")) {
        w.practice = db_bool(str_is(w.state, "practice"));
        w.state = STR("open");
    }
    return w;
}

static struct sql *statement_for(const struct wanted *w)
{
    return w->state.p  ? &SQL_console_pick_of_state
           : w->plan.p ? &SQL_console_pick_of_plan
                       : &SQL_console_pick;
}

// Sites that the words find, or that something is wrong with: both together among the latter.
static bool find_among(
    struct request *r, const struct wanted *w, struct str *words, struct str *troubled)
{
    struct arena *a = r->arena;
    if (w->words.p) {
        struct unit *u = unit_new(a, DB_PLATFORM, 0);
        if (!read_found(r, u, unit_add(u, &SQL_console_site_search, w->words, w->after), words))
            return false;
    }
    if (!w->attention.p)
        return true;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int64_t now = clock_now_us();
    int place = unit_add(
        u, &SQL_console_troubled, w->attention, db_time(a, now), db_time(a, now - FIGURES_US));
    return read_found(r, u, place, troubled);
}

static bool pick(struct request *r, const struct wanted *w, struct str *picked)
{
    struct arena *a = r->arena;
    struct str words = STR_NULL, troubled = STR_NULL, limit = db_i64(a, SITES_SHOWN + 1);
    if (!find_among(r, w, &words, &troubled))
        return false;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place;
    if (words.p || troubled.p)
        place = unit_add(u, &SQL_console_pick_among, w->after, limit, w->practice, w->state,
            w->plan, w->feature, words.p ? words : troubled, words.p ? troubled : STR_NULL);
    else
        place = unit_add(
            u, statement_for(w), w->after, limit, w->practice, w->state, w->plan, w->feature);
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    int64_t *numbers = arena_new_array(a, int64_t, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++)
        numbers[i] = rows_i64(rows, i, KEY(tenant_id));
    *picked = db_i64_array(a, numbers, (size_t)rows->count);
    return true;
}

struct home {
    const struct rows *sites, *totals;
};

static bool read_sites(struct request *r, struct home *home)
{
    struct arena *a = r->arena;
    int64_t now_us = clock_now_us();
    struct str now = db_time(a, now_us), picked;
    struct wanted wanted = wanted_of(r);
    if (!pick(r, &wanted, &picked))
        return false;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int sites = unit_add(u, &SQL_console_sites, picked, now);
    int totals = unit_add(u, &SQL_console_totals, now, db_time(a, now_us - FIGURES_US));
    if (unit_run(u) != DB_OK)
        return false;
    *home = (struct home){unit_rows(u, sites), unit_rows(u, totals)};
    return true;
}

static void add_total(
    struct request *r, struct value *list, const char *name, int64_t count, const char *path)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, list);
    value_set_str(a, item, KEY(what), str_of(name));
    value_set_str(a, item, KEY(figure), format_number(a, r->format, count));
    value_set_str(a, item, KEY(list_url), request_url(r, str_of(path)));
    value_set_bool(a, item, KEY(bad),
        count && !str_is(str_of(name), "sites") && !str_is(str_of(name), "live"));
}

static void add_totals(struct request *r, struct value *view, const struct rows *t)
{
    struct value *list = value_list(r->arena);
    value_set(r->arena, view, KEY(totals), list);
    add_total(r, list, "sites", rows_i64(t, 0, KEY(sites)), "/console");
    add_total(r, list, "live", rows_i64(t, 0, KEY(live)), "/console?state=open");
    add_total(r, list, "suspended", rows_i64(t, 0, KEY(suspended)), "/console?state=suspended");
    add_total(r, list, "approvals", rows_i64(t, 0, KEY(approvals)), "/console/approvals");
    add_total(r, list, "jobs", rows_i64(t, 0, KEY(jobs)), "/console/jobs");
    add_total(r, list, "errors", rows_i64(t, 0, KEY(errors)), "/console/errors");
    add_total(r, list, "tripped", rows_i64(t, 0, KEY(tripped)), "/console?attention=tripped");
    add_total(r, list, "bounces", rows_i64(t, 0, KEY(bounces)), "/console?attention=bounces");
}

static struct value *with_all(struct request *r, struct value *options, const char *key)
{
    struct value *all = value_list(r->arena), *first = value_append_object(r->arena, all);
    value_set_str(r->arena, first, KEY(value), STR(""));
    value_set_str(r->arena, first, KEY(label), message(r->arena, r->words, str_of(key), NULL));
    for (size_t i = 0; i < value_count(options); i++)
        value_append(r->arena, all, value_at(options, i));
    return all;
}

static struct value *plan_options(struct request *r)
{
    struct arena *a = r->arena;
    struct value *options = value_list(a), *plans = plan_list(a);
    for (size_t i = 0; i < value_count(plans); i++) {
        struct value *option = value_append_object(a, options);
        value_set_str(a, option, KEY(value), value_get_str(value_at(plans, i), KEY(name)));
        value_set_str(a, option, KEY(label), value_get_str(value_at(plans, i), KEY(title)));
    }
    return options;
}

static const char *const states[] = {"", "open", "practice", "suspended", "closed", NULL};
static const char *const attentions[] = {
    "", "any", "jobs", "errors", "tripped", "approvals", "bounces", NULL};

static void add_filters(struct request *r, struct value *view)
{
    static const struct office_filter state = {"state", "console.filter.state", states};
    static const struct office_filter plan = {"plan", "console.filter.plan", NULL};
    static const struct office_filter feature = {"feature", "console.filter.feature", NULL};
    static const struct office_filter attention = {
        "attention", "console.filter.attention", attentions};
    office_list_filter(r, view, &state);
    office_list_filter(r, view, &attention);
    office_list_filter_of(r, view, &plan, with_all(r, plan_options(r), "console.filter.plan.all"));
    office_list_filter_of(
        r, view, &feature, with_all(r, console_feature_options(r), "console.filter.feature.all"));
}

static void on_home(struct request *r)
{
    struct arena *a = r->arena;
    struct home home;
    struct office_list list = {.r = r, .items = value_list(a), .after_id = filter(r, KEY(after))};
    if (!read_sites(r, &home)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    for (int i = 0; i < home.sites->count && i < SITES_SHOWN; i++) {
        add_site(r, list.items, home.sites, i);
        if (!add_figures(r, value_at(list.items, (size_t)i), home.sites, i)) {
            respond_problem(r, PROBLEM_UNAVAILABLE);
            return;
        }
    }
    if (home.sites->count > SITES_SHOWN)
        list.next = rows_str(home.sites, SITES_SHOWN - 1, KEY(slug));
    struct value *view = page_view(r);
    value_set_int(a, view, KEY(site_count), rows_i64(home.totals, 0, KEY(sites)));
    value_set_str(a, view, KEY(create_url), request_url(r, STR("/console/create")));
    value_set_str(a, view, KEY(import_url), request_url(r, STR("/console/import")));
    value_set_str(a, view, KEY(change_url),
        str_join(a, request_url(r, STR("/console/changes/new")),
            office_query_with(r, "after", STR_NULL), STR_NULL));
    if (!r->wants_json) {
        add_totals(r, view, home.totals);
        add_filters(r, view);
    }
    office_list_respond(r, "console/home", view, &list);
}

static const struct form query = FORM(OFFICE_LIST_FIELDS,
    {"state", .kind = FIELD_CHOICE, .choices = states + 1}, {"plan", .kind = FIELD_TEXT, .max = 31},
    {"feature", .kind = FIELD_TEXT, .max = FEATURE_NAME_MAX},
    {"attention", .kind = FIELD_CHOICE, .choices = attentions + 1});

static const struct route routes[] = {
    {HTTP_GET, "/console", PERMIT_CONSOLE_USE, on_home, &query, 0, 0},
};

void console_home_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
