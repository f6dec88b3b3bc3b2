#include "web/icon.h"

#include "http/page.h"

void on_icon(struct request *r)
{
    respond_header(r, "cache-control", STR("public, max-age=3600"));
    respond_redirect(r, page_icon_url(r));
}
