#include "http/page.h"

#include "base/buf.h"
#include "base/check.h"
#include "http/asset.h"
#include "http/host.h"
#include "http/route.h"
#include "http/session.h"
#include "http/urlencoded.h"

static void (*adders[SURFACES])(struct request *r, struct value *view);

void page_on_view(enum surface surface, void (*add)(struct request *r, struct value *view))
{
    adders[surface] = add;
}

struct request_languages {
    const struct str *codes;
    int count;
};

static const struct str platform_languages[] = {{"en", 2}, {"fr", 2}, {"es", 2}};

static struct request_languages languages_of(const struct request *r)
{
    if (r->site)
        return (struct request_languages){r->site->languages, r->site->language_count};
    return (struct request_languages){platform_languages, 3};
}

struct str page_url_in(const struct request *r, struct str language, struct str path)
{
    if (str_eq(language, languages_of(r).codes[0]))
        return path;
    if (str_is(path, "/"))
        return str_join(r->arena, STR("/"), language, STR_NULL);
    return str_join(r->arena, STR("/"), language, path, STR_NULL);
}

struct str request_url(const struct request *r, struct str path)
{
    return page_url_in(r, r->language, path);
}

struct str page_absolute_url_in(const struct request *r, struct str language, struct str path)
{
    return str_join(
        r->arena, host_url(r->arena, r->authority), page_url_in(r, language, path), STR_NULL);
}

struct str request_absolute_url(const struct request *r, struct str path)
{
    return page_absolute_url_in(r, r->language, path);
}

static bool is_refused(const struct request *r, struct str field)
{
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_eq(value_get_str(value_at(r->errors, i), KEY(field)), field))
            return true;
    return false;
}

struct str request_query(const struct request *r)
{
    struct buf b;
    struct pair *pairs = arena_new_array(r->arena, struct pair, FORM_FIELDS_MAX);
    size_t count = 0;
    // Encoding makes three bytes of one at most.
    buf_init(&b, r->arena, 3 * r->query.len + 1);
    if (!r->route || !r->route->form ||
        !urlencoded_read(r->arena, r->query, pairs, FORM_FIELDS_MAX, &count))
        return STR("");
    for (size_t f = 0; f < r->route->form->count; f++)
        for (size_t i = 0; i < count; i++) {
            if (!str_is(pairs[i].name, r->route->form->fields[f].name) || !pairs[i].value.len ||
                is_refused(r, pairs[i].name))
                continue;
            buf_add_char(&b, b.len ? '&' : '?');
            buf_add(&b, pairs[i].name);
            buf_add_char(&b, '=');
            buf_add_url(&b, pairs[i].value);
            break;
        }
    check(!b.full);
    return buf_str(&b);
}

static void add_languages(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct request_languages all = languages_of(r);
    struct value *list = value_list(a);
    value_set(a, view, KEY(languages), list);
    struct str query = request_query(r);
    for (int i = 0; i < all.count; i++) {
        struct value *item = value_append_object(a, list);
        struct str url = page_url_in(r, all.codes[i], r->path);
        value_set_str(a, item, KEY(code), all.codes[i]);
        value_set_str(a, item, KEY(label), format_language_name(a, all.codes[i]));
        value_set_str(a, item, KEY(url), str_join(a, url, query, STR_NULL));
        value_set_bool(a, item, KEY(current), str_eq(all.codes[i], r->language));
    }
}

static struct str or_else(struct str s, const char *otherwise)
{
    return s.len ? s : str_of(otherwise);
}

// A picture of the blueprint or of the site: "padel-club/hero.svg".
static struct str art_url(struct request *r, const struct value *branding, value_key which)
{
    struct str file = value_get_str(branding, which);
    // An uploaded one comes in three sizes.
    if (str_starts(file, STR("files/")))
        return str_join(r->arena, STR("/"), file,
            which == KEY(logo) ? STR("-s.webp") : STR("-l.webp"), STR_NULL);
    return file.len
               ? asset_url(respond_parts()->assets, str_join(r->arena, STR("art/"), file, STR_NULL))
               : STR_NULL;
}

struct str page_icon_url(struct request *r)
{
    struct str logo = r->site ? art_url(r, r->site->branding, KEY(logo)) : STR_NULL;
    return logo.p ? logo : asset_url(respond_parts()->assets, STR("art/vitrine.svg"));
}

static void add_fonts(struct request *r, struct value *site, struct str fonts)
{
    static const char *const files[] = {"-text.woff2", "-display.woff2"};
    struct arena *a = r->arena;
    struct value *urls = value_list(a);
    value_set(a, site, KEY(font_urls), urls);
    for (int i = 0; i < 2; i++) {
        struct str path = str_join(a, STR("fonts/"), fonts, str_of(files[i]), STR_NULL);
        struct str url = asset_url(respond_parts()->assets, path);
        if (url.p)
            value_append(a, urls, value_str(a, url));
    }
}

// "tel:+81870000142": what people group with spaces is one word to a telephone.
static struct str phone_url(struct arena *a, struct str phone)
{
    struct buf b;
    buf_init(&b, a, phone.len + 8);
    buf_add(&b, STR("tel:"));
    for (size_t i = 0; i < phone.len; i++)
        if (phone.p[i] == '+' || (phone.p[i] >= '0' && phone.p[i] <= '9'))
            buf_add_char(&b, phone.p[i]);
    return buf_str(&b);
}

static struct value *contact(struct arena *a, const struct value *of)
{
    const value_key keys[] = {KEY(email), KEY(phone), KEY(address)};
    struct value *v = value_object(a);
    for (int i = 0; i < 3; i++)
        value_set_str(a, v, keys[i], value_get_str(of, keys[i]));
    struct str phone = value_get_str(of, KEY(phone));
    value_set_str(a, v, KEY(phone_url), phone.len ? phone_url(a, phone) : STR_NULL);
    return v;
}

static void add_site(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    const struct site *s = r->site;
    struct value *site = value_object(a);
    value_set(a, view, KEY(site), site);
    value_set_str(a, site, KEY(name), s->name);
    value_set_str(a, site, KEY(slug), s->slug);
    value_set_str(a, site, KEY(kind), s->kind);
    value_set_str(
        a, site, KEY(tagline), site_text_in(s, value_get(s->texts, KEY(tagline)), r->language));
    value_set_str(a, site, KEY(home_url), request_url(r, STR("/")));
    value_set_str(a, site, KEY(offers_url), request_url(r, STR("/offers")));
    value_set_str(a, site, KEY(basket_url), request_url(r, STR("/basket")));
    value_set_str(a, site, KEY(time_zone), zone_name(s->zone));
    value_set_str(a, site, KEY(time_zone_name), format_zone_name(a, r->format, s->zone));
    value_set_str(a, site, KEY(currency), str_of(s->currency.code));
    value_set_bool(a, site, KEY(practice), s->practice);
    value_set(a, site, KEY(contact), contact(a, s->contact));
    value_set(a, site, KEY(legal), value_get(s->settings, KEY(legal)));
    struct str fonts = or_else(value_get_str(s->branding, KEY(fonts)), "grotesk");
    value_set_str(a, site, KEY(fonts), fonts);
    value_set_str(a, site, KEY(corners), or_else(value_get_str(s->branding, KEY(corners)), "soft"));
    value_set_str(
        a, site, KEY(header_tone), or_else(value_get_str(s->branding, KEY(header)), "light"));
    value_set_str(a, site, KEY(css_url),
        r->preview_css.len ? r->preview_css
                           : str_format(a, "/site.css?v=%lld", (long long)s->revision));
    value_set_str(a, site, KEY(logo_url), art_url(r, s->branding, KEY(logo)));
    value_set_str(a, site, KEY(hero_url), art_url(r, s->branding, KEY(hero)));
    add_fonts(r, site, fonts);
}

struct value *page_view(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    if (r->wants_json)
        return view;
    value_set_str(a, view, KEY(lang), r->language);
    value_set_str(a, view, KEY(dir), STR("ltr"));
    value_set_str(a, view, KEY(csrf), session_form_token(r));
    value_set_str(a, view, KEY(request_id), r->id);
    value_set_str(a, view, KEY(path), r->path);
    value_set_str(a, view, KEY(url), request_absolute_url(r, r->path));
    value_set(a, view, KEY(errors), r->errors ? r->errors : value_list(a));
    value_set(a, view, KEY(form), r->typed ? r->typed : value_object(a));
    value_set(a, view, KEY(notices), value_list(a));
    add_languages(r, view);
    if (r->site)
        add_site(r, view);
    if (adders[r->surface])
        adders[r->surface](r, view);
    return view;
}

void page_list(struct request *r, struct value *view, value_key name, struct value *list)
{
    value_set(r->arena, view, r->wants_json ? KEY(items) : name, list);
    if (r->wants_json)
        value_set(r->arena, view, KEY(next), NULL);
}
