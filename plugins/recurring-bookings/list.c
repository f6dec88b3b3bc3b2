#include "list.h"

#include "series.h"

enum { LIST_MAX = 50, TERM_MAX = 60 };
// Before it are all of them; as an expression in the statement it would keep the index unused.
#define NEWEST VT("9223372036854775807")

// What is looked at: all, or those of a customer, or those that a name or an address finds.
struct list {
    struct vt_call *call;
    struct vt_str before, customer, query;
    bool drafts;
};

static void add_item(struct vt_call *call, struct vt_value *items, struct vt_value *row)
{
    struct vt_value *item = vt_object(call), *args = vt_object(call);
    vt_set(call, item, "id", vt_get(row, "id"));
    vt_set_text(
        call, item, "url", vt_site_url(call, series_path(call, vt_get_text(row, "id"), "")));
    vt_set_text(call, item, "title", series_title(call, vt_get(row, "title")));
    vt_set_text(call, item, "words", series_words(call, row));
    vt_set(call, item, "owner", vt_get(row, "name"));
    vt_set(call, item, "resource", vt_get(row, "resource_name"));
    vt_set_text(call, item, "time", vt_get_text(vt_get(row, "rule"), "time"));
    vt_set_bool(call, item, "busy", series_has(row, "round"));
    vt_set_int(call, args, "booked", vt_get_int(row, "booked", 0));
    vt_set_int(call, args, "skipped", vt_get_int(row, "skipped", 0));
    vt_set_int(call, args, "waiting", vt_get_int(row, "waiting", 0));
    vt_set_int(call, item, "booked", vt_get_int(row, "booked", 0));
    vt_set_text(call, item, "so_far", vt_translate_text(call, VT("list.so_far"), args));
    vt_append(call, items, item);
}

static struct vt_value *found_ids(struct list *l)
{
    struct vt_call *call = l->call;
    struct vt_value *state = vt_text(call, l->drafts ? VT("draft") : VT("running"));
    struct vt_value *before = vt_text(call, series_is_id(l->before) ? l->before : NEWEST);
    struct vt_str folded = vt_text_fold(call, l->query);
    if (folded.len > TERM_MAX)
        return vt_list(call);
    if (folded.len) {
        struct vt_str end = vt_str_format(call, "%.*s\xf4\x8f\xbf\xbf", (int)folded.len, folded.p);
        return vt_db_read(call, VT("list_found"),
            vt_list_of(call, state, before, vt_text(call, folded), vt_text(call, end), NULL));
    }
    if (l->customer.len)
        return vt_db_read(call, VT("list_of_customer"),
            vt_list_of(call, state, before, vt_text(call, l->customer), NULL));
    return vt_db_read(call, VT("list_page"), vt_list_of(call, state, before, NULL));
}

static struct vt_value *read_rows(struct list *l, struct vt_value *found)
{
    struct vt_value *ids = vt_list(l->call);
    for (size_t i = 0; i < vt_count(found) && i < LIST_MAX; i++)
        vt_append(l->call, ids, vt_get(vt_at(found, i), "id"));
    return vt_db_read(l->call, VT("list_rows"), vt_list_of(l->call, ids, NULL));
}

static struct vt_str encoded(struct vt_call *call, struct vt_str text)
{
    struct vt_str s = VT("");
    for (size_t i = 0; i < text.len; i++)
        s = vt_str_format(call, "%.*s%%%02X", (int)s.len, s.p, (unsigned char)text.p[i]);
    return s;
}

// With what is looked at; `before` may be absent.
static struct vt_str list_url(struct list *l, bool drafts, struct vt_str before)
{
    struct vt_call *call = l->call;
    struct vt_str query = encoded(call, l->query);
    return vt_site_url(
        call, vt_str_format(call, "/manage/x/recurring-bookings/%s%s%.*s%s%.*s%s%.*s",
                  drafts ? "?show=drafts" : "?show=series", l->customer.len ? "&customer=" : "",
                  (int)l->customer.len, l->customer.p, query.len ? "&q=" : "", (int)query.len,
                  query.p, before.len ? "&before=" : "", (int)before.len, before.p));
}

static void add_urls(struct list *l, struct vt_value *view, struct vt_str next)
{
    struct vt_call *call = l->call;
    struct vt_str base = VT("/manage/x/recurring-bookings/");
    vt_set_text(call, view, "next", next.len ? list_url(l, l->drafts, next) : VT_NULL);
    vt_set_text(call, view, "new_url",
        series_closing(call) ? VT_NULL : vt_site_url(call, VT("/manage/x/recurring-bookings/new")));
    vt_set_text(call, view, "reset_url", vt_site_url(call, base));
    vt_set_text(call, view, "list_url", list_url(l, false, VT_NULL));
    vt_set_text(call, view, "drafts_url", list_url(l, true, VT_NULL));
}

void list_page(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *form = vt_get(request, "form"), *view = vt_object(call);
    struct vt_value *items = vt_list(call);
    struct vt_str customer = vt_get_text(form, "customer"), last = VT_NULL;
    struct list l = {.call = call,
        .before = vt_get_text(form, "before"),
        .customer = series_is_id(customer) ? customer : VT_NULL,
        .query = vt_get_text(form, "q"),
        .drafts = vt_str_eq(vt_get_text(form, "show"), VT("drafts"))};
    struct vt_value *found = found_ids(&l), *rows = read_rows(&l, found);
    for (size_t i = 0; i < vt_count(rows); i++)
        add_item(call, items, vt_at(rows, i));
    if (vt_count(found) > LIST_MAX)
        last = vt_get_text(vt_at(found, LIST_MAX - 1), "id");
    vt_set(call, view, "items", items);
    vt_set_bool(call, view, "has_items", vt_count(items) > 0);
    vt_set_bool(call, view, "drafts", l.drafts);
    vt_set_text(call, view, "query", l.query);
    vt_set_text(call, view, "customer", l.customer);
    vt_set_bool(call, view, "filtered", l.query.len || l.customer.len);
    add_urls(&l, view, last);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("list"), view);
}

struct vt_value *list_customer_tabs(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *tab = vt_object(call);
    struct vt_str id = vt_get_text(in, "customer_id");
    vt_set_text(call, tab, "title", vt_translate_text(call, VT("title"), NULL));
    vt_set_text(call, tab, "path",
        vt_str_format(call, "/manage/x/recurring-bookings/?customer=%.*s", (int)id.len, id.p));
    vt_append(call, list, tab);
    return list;
}

struct vt_value *list_customer_facts(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *fact = vt_object(call), *args = vt_object(call);
    struct vt_value *row = vt_at(vt_db_read(call, VT("list_open_of_customer"),
                                     vt_list_of(call, vt_get(in, "customer_id"), NULL)),
        0);
    int64_t count = vt_get_int(row, "count", 0);
    if (!count)
        return list;
    vt_set_int(call, args, "count", count);
    vt_set_text(call, fact, "text", vt_translate_text(call, VT("customer.open"), args));
    vt_append(call, list, fact);
    return list;
}
