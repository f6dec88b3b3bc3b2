#include "web/platform/platform.h"

#include "base/check.h"
#include "base/file.h"
#include "domain/blueprint.h"
#include "http/asset.h"
#include "http/host.h"
#include "http/page.h"
#include "web/icon.h"
#include "web/web.h"

enum { KINDS_MAX = 32, DEMOS_MAX = 12 };

static struct {
    struct platform_kind kinds[KINDS_MAX];
    size_t kind_count;
    struct str demos[DEMOS_MAX]; // addresses
    size_t demo_count;
} all;

size_t platform_kinds(const struct platform_kind **kinds)
{
    *kinds = all.kinds;
    return all.kind_count;
}

const struct platform_kind *platform_kind_find(struct str name)
{
    for (size_t i = 0; i < all.kind_count; i++)
        if (str_eq(all.kinds[i].name, name))
            return &all.kinds[i];
    return NULL;
}

static void read_folders(struct arena *a, struct str home)
{
    struct str *names, folder = str_join(a, home, STR("/tenants/blueprints"), STR_NULL);
    size_t count = file_list(a, folder, &names);
    for (size_t i = 0; i < count && all.kind_count < KINDS_MAX; i++) {
        const struct value *content = blueprint_read(a, home, STR("blueprints"), names[i]);
        if (content)
            all.kinds[all.kind_count++] = (struct platform_kind){names[i], content};
    }
    folder = str_join(a, home, STR("/tenants/demo"), STR_NULL);
    count = file_list(a, folder, &names);
    for (size_t i = 0; i < count && all.demo_count < DEMOS_MAX; i++)
        if (file_is_folder(str_join(a, folder, STR("/"), names[i], STR_NULL)))
            all.demos[all.demo_count++] = names[i];
}

struct str platform_host_shown(struct request *r)
{
    struct str url = host_url(r->arena, host_platform());
    return str_sub(url, (size_t)str_find(url, host_platform()), url.len);
}

struct str platform_site_host(struct request *r, struct str slug)
{
    struct str host = str_join(r->arena, slug, STR("."), host_platform(), STR_NULL);
    struct str url = host_url(r->arena, host);
    return str_sub(url, (size_t)str_find(url, host), url.len);
}

struct str platform_site_url(struct request *r, struct str slug, const char *path)
{
    struct str host = str_join(r->arena, slug, STR("."), host_platform(), STR_NULL);
    return str_join(r->arena, host_url(r->arena, host), str_of(path), STR_NULL);
}

struct str platform_picture(struct request *r, struct str file)
{
    struct str path = str_join(r->arena, STR("art/"), file, STR_NULL);
    return file.len ? asset_url(respond_parts()->assets, path) : STR_NULL;
}

// In the reader's language; English stands in.
static struct str words_of(struct request *r, const struct value *texts)
{
    struct str text = value_get_str(texts, value_key_find(r->language));
    return text.len ? text : value_get_str(texts, KEY(en));
}

struct str platform_kind_title(struct request *r, struct str name)
{
    const struct platform_kind *kind = platform_kind_find(name);
    return kind ? words_of(r, value_get(kind->content, KEY(title))) : name;
}

struct value *platform_kind_list(struct request *r, struct str chosen)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < all.kind_count; i++) {
        const struct platform_kind *kind = &all.kinds[i];
        struct value *item = value_append_object(a, list);
        struct str hero = value_get_str(value_get(kind->content, KEY(branding)), KEY(hero));
        value_set_str(a, item, KEY(code), kind->name);
        value_set_str(a, item, KEY(title), words_of(r, value_get(kind->content, KEY(title))));
        value_set_str(a, item, KEY(summary), words_of(r, value_get(kind->content, KEY(summary))));
        value_set_str(a, item, KEY(image_url),
            platform_picture(r, str_join(a, kind->name, STR("/"), hero, STR_NULL)));
        value_set_str(a, item, KEY(signup_url),
            str_join(a, request_url(r, STR("/signup")), STR("?kind="), kind->name, STR_NULL));
        value_set_bool(a, item, KEY(checked), str_eq(kind->name, chosen));
    }
    return list;
}

static void add_platform(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *platform = value_object(a);
    value_set(a, view, KEY(platform), platform);
    value_set_str(a, platform, KEY(name), STR("Vitrine"));
    value_set_str(a, platform, KEY(home_url), request_url(r, STR("/")));
    value_set_str(a, platform, KEY(signup_url), request_url(r, STR("/signup")));
    value_set_str(a, platform, KEY(host), platform_host_shown(r));
}

static void add_demo(struct request *r, struct value *items, const struct site *site)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, items);
    value_set_str(a, item, KEY(name), str_dup(a, site->name));
    value_set_str(a, item, KEY(kind_title), str_dup(a, platform_kind_title(r, site->kind)));
    value_set_str(a, item, KEY(line),
        str_dup(a, site_text_in(site, value_get(site->texts, KEY(tagline)), r->language)));
    value_set_str(
        a, item, KEY(image_url), platform_picture(r, value_get_str(site->branding, KEY(hero))));
    value_set_str(a, item, KEY(site_url), platform_site_url(r, str_dup(a, site->slug), "/"));
}

// The demo sites that this installation has, absent without any.
static struct value *demos_of(struct request *r)
{
    struct value *demos = value_object(r->arena), *items = value_list(r->arena);
    value_set(r->arena, demos, KEY(items), items);
    for (size_t i = 0; i < all.demo_count; i++) {
        struct site *site;
        if (site_acquire(all.demos[i], &site) != SITE_FOUND)
            continue;
        if (site->state == SITE_OPEN)
            add_demo(r, items, site);
        site_release(site);
    }
    return value_count(items) ? demos : value_null();
}

static void on_home(struct request *r)
{
    struct value *view = page_view(r);
    value_set(r->arena, view, KEY(kinds), platform_kind_list(r, STR_NULL));
    value_set(r->arena, view, KEY(demos), demos_of(r));
    respond_page(r, 200, "platform/home", view);
}

static const struct route routes[] = {
    {HTTP_GET, "/", PERMIT_PUBLIC, on_home, NULL, 0, 0},
    {HTTP_GET, "/favicon.ico", PERMIT_PUBLIC, on_icon, NULL, 0, 0},
};

void platform_start(void)
{
    // Lives as long as the process.
    struct arena *a = arena_new();
    read_folders(a, web_config()->home);
    page_on_view(SURFACE_PLATFORM, add_platform);
    routes_add(SURFACE_PLATFORM, routes, sizeof routes / sizeof *routes);
    platform_signup_start();
    platform_welcome_start();
}
