// What the law wants a venue to say: legal notice, terms and privacy, as the venue wrote them
// (P10).
#include "domain/edition.h"
#include "http/markdown.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"

static bool is_page(struct str name)
{
    for (int i = 0; common_pages[i]; i++)
        if (str_is(name, common_pages[i]))
            return true;
    return false;
}

void on_legal(struct request *r)
{
    struct arena *a = r->arena;
    struct edition_row row;
    struct str name = r->params[0];
    if (!is_page(name)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct str subject = str_join(a, STR("page/"), name, STR_NULL);
    if (!edition_newest(a, r->site->tenant, subject, &row)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct str text = common_text(r, row.value);
    if (!text.len) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct value *view = common_view(r, STR_NULL), *page = value_object(a);
    value_set(a, view, KEY(page), page);
    value_set_str(a, page, KEY(title),
        message(a, r->words, STR("storefront.legal.title"), "page", value_str(a, name), NULL));
    value_set_str(a, page, KEY(html), markdown_html(a, text));
    value_set_int(a, page, KEY(version), row.version);
    value_set_str(a, page, KEY(since),
        format_date(a, r->format, zone_date(r->site->zone, row.at_us), FORMAT_DATE_LONG));
    respond_page(r, 200, "storefront/legal", view);
}
