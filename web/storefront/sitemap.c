// What search engines are told: every page of the site in every language; nothing of a practice
// site, where nothing is really sold.
#include "base/buf.h"
#include "http/page.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"

enum { SITEMAP_MAX = 4 << 20 };

static void add_link(struct buf *b, struct request *r, struct str language, struct str path)
{
    buf_add_html(b, page_absolute_url_in(r, language, path));
}

static void add_page(struct buf *b, struct request *r, struct str path)
{
    const struct site *s = r->site;
    for (int i = 0; i < s->language_count; i++) {
        buf_add(b, STR("<url><loc>"));
        add_link(b, r, s->languages[i], path);
        buf_add(b, STR("</loc>"));
        for (int k = 0; k < s->language_count && s->language_count > 1; k++) {
            buf_add(b, STR("<xhtml:link rel=\"alternate\" hreflang=\""));
            buf_add_html(b, s->languages[k]);
            buf_add(b, STR("\" href=\""));
            add_link(b, r, s->languages[k], path);
            buf_add(b, STR("\"/>"));
        }
        buf_add(b, STR("</url>\n"));
    }
}

void on_sitemap(struct request *r)
{
    struct arena *a = r->arena;
    struct catalogue_reader who = common_reader(r);
    struct unit *u = common_unit(r);
    int place = catalogue_add_slugs(u, &who);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct buf b;
    buf_init(&b, a, SITEMAP_MAX);
    buf_add(&b, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
                    "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"));
    add_page(&b, r, STR("/"));
    add_page(&b, r, STR("/offers"));
    add_page(&b, r, STR("/help"));
    for (int i = 0; i < rows->count; i++)
        add_page(&b, r, str_join(a, STR("/offers/"), rows_str(rows, i, KEY(slug)), STR_NULL));
    buf_add(&b, STR("</urlset>\n"));
    if (b.full)
        respond_problem(r, PROBLEM_INTERNAL);
    else
        respond_bytes(r, STR("application/xml; charset=utf-8"), buf_str(&b));
}

void on_robots(struct request *r)
{
    if (r->site->practice) {
        respond_bytes(r, STR("text/plain; charset=utf-8"), STR("User-agent: *\nDisallow: /\n"));
        return;
    }
    struct str sitemap = page_absolute_url_in(r, r->site->languages[0], STR("/sitemap.xml"));
    respond_bytes(r, STR("text/plain; charset=utf-8"),
        str_join(r->arena,
            STR("User-agent: *\nDisallow: /basket\nDisallow: /checkout\nDisallow: /orders\n"
                "Disallow: /manage\nSitemap: "),
            sitemap, STR("\n"), STR_NULL));
}
