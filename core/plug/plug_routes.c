// Plugins' addresses: /x/NAME/… and /manage/x/NAME/…, there only while the plugin is on.
#include "base/clock.h"
#include "http/openapi.h"
#include "http/respond.h"
#include "http/route.h"
#include "plug/dispatch.h"
#include "plug/plug.h"
#include "plug/trip.h"

enum { PAUSE_S = 60 };

static struct str after(struct str path, struct str prefix)
{
    return str_starts(path, prefix) ? str_sub(path, prefix.len, path.len) : STR_NULL;
}

static struct site_plugin *plugin_of(const struct request *r)
{
    struct str rest = after(r->path, STR("/x/"));
    if (!rest.p)
        rest = after(r->path, STR("/manage/x/"));
    return rest.p ? site_plugin_find(r->site, str_cut(&rest, '/')) : NULL;
}

static const struct route *find(struct request *r, bool *other_method)
{
    const struct site_plugin *on = plugin_of(r);
    for (size_t i = 0; on && i < on->plugin->manifest.route_count; i++) {
        const struct route *route = &on->plugin->manifest.routes[i].route;
        struct str params[ROUTE_PARAMS_MAX] = {0};
        if (!route_matches(route->path, r->path, params))
            continue;
        if (route->method != r->method) {
            *other_method = true;
            continue;
        }
        memcpy(r->params, params, sizeof params);
        return route;
    }
    return NULL;
}

static struct value *staff_value(const struct request *r)
{
    if (r->surface != SURFACE_OFFICE || !r->session.id)
        return NULL;
    struct value *v = value_object(r->arena);
    value_set_str(r->arena, v, KEY(id), str_of_i64(r->arena, r->session.person));
    value_set_str(r->arena, v, KEY(name), r->session.name);
    value_set_str(r->arena, v, KEY(role), r->session.role);
    return v;
}

// Without what is the host's.
static struct value *own_fields(const struct request *r)
{
    struct value *form = value_object(r->arena);
    bool history = ((const struct manifest_route *)(const void *)r->route)->history;
    for (uint32_t i = 0; value_is(r->form, VALUE_OBJECT) && i < r->form->object.count; i++) {
        value_key key = r->form->object.fields[i].key;
        bool ours = key == KEY(csrf) || key == KEY(idempotency_key);
        if (!ours && !(history && key == KEY(history)))
            value_set(r->arena, form, key, r->form->object.fields[i].value);
    }
    return form;
}

static plug_frame_fn *customer_frame, *account_frame;

void plug_set_customer_frame(plug_frame_fn *office)
{
    customer_frame = office;
}

void plug_set_account_frame(plug_frame_fn *storefront)
{
    account_frame = storefront;
}

// False when it was answered: nobody is there to be shown.
static bool frame(struct request *r, const struct manifest_route *route, struct plug_frame *out)
{
    *out = (struct plug_frame){0};
    plug_frame_fn *of = route->customer                             ? customer_frame
                        : route->route.permission == PERMIT_ACCOUNT ? account_frame
                                                                    : NULL;
    return !of || of(r, out);
}

static struct value *request_value(
    const struct request *r, const struct plugin *p, struct value *customer)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *params = value_list(a);
    value_set_str(a, v, KEY(method), r->method_name);
    value_set_str(a, v, KEY(path), r->path);
    value_set_str(a, v, KEY(language), r->language);
    value_set_str(a, v, KEY(id), r->id);
    value_set_bool(a, v, KEY(wants_json), r->wants_json);
    value_set_bool(a, v, KEY(refused), r->errors && value_count(r->errors));
    value_set(a, v, KEY(form), own_fields(r));
    value_set(a, v, KEY(staff), staff_value(r));
    value_set(a, v, KEY(customer), customer);
    value_set(a, v, KEY(params), params);
    for (int i = 0; i < ROUTE_PARAMS_MAX && r->params[i].p; i++)
        value_append(a, params, value_str(a, r->params[i]));
    if (r->route->flags & ROUTE_RAW_BODY) {
        // Bytes are no text: Lua's calls take texts only.
        bool whole = !p->chunk || str_utf8_valid(r->body);
        value_set_str(a, v, KEY(body), whole ? r->body : STR_NULL);
        value_set_str(a, v, KEY(query), r->query);
        value_set_str(a, v, KEY(signature), r->signature);
    }
    return v;
}

// Nothing of a half-given answer stays.
static void give_up(struct request *r)
{
    r->response = (struct response){0};
    respond_retry_after(r, PAUSE_S);
    respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void handle(struct request *r)
{
    struct site_plugin *on = plugin_of(r);
    const struct manifest_route *routes = on->plugin->manifest.routes;
    // The route is the first member of its row in the manifest.
    const struct manifest_route *route = (const struct manifest_route *)(const void *)r->route;
    struct plug_run run = {.part = PLUG_ROUTE, .number = (int)(route - routes)};
    struct plug_frame about;
    if (!frame(r, route, &about))
        return;
    run.in = request_value(r, on->plugin, about.customer);
    run.frame = about.view;
    if (trip_is_tripped(on->trip, clock_mono_ms()) ||
        !plug_run(r->arena, r->site, on->plugin, on, &run))
        give_up(r);
}

static void describe_one(const struct plugin *p, struct openapi *o)
{
    const struct feature_info *info = &p->manifest.info;
    struct openapi_tag tag = {
        value_get_str(info->title, KEY(en)), value_get_str(info->summary, KEY(en))};
    for (size_t i = 0; i < p->manifest.route_count; i++)
        openapi_add(o, &p->manifest.routes[i].route, p->manifest.routes[i].words, &tag);
}

// Of those that answer on the site; of all when there is none.
static void describe(const struct site *site, struct openapi *o)
{
    const struct plugins *all = plugins_loaded();
    for (size_t i = 0; i < all->count; i++)
        if (!site || site_plugin_find(site, all->items[i]->name))
            describe_one(all->items[i], o);
}

void plug_routes_start(void)
{
    const struct plugins *all = plugins_loaded();
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->items[i]->manifest.route_count; k++)
            all->items[i]->manifest.routes[k].route.handle = handle;
    routes_set_plugin_finder(find);
    openapi_set_plugins(describe);
}
