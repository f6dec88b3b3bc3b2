// Pictures that the site's staff uploaded. Their address names their content, so they are kept for
// ever by whoever has them.
#include "domain/media.h"
#include "http/respond.h"
#include "web/storefront/pages.h"

void on_file(struct request *r)
{
    struct media media;
    if (media_load(r->arena, r->site->tenant, r->params[0], &media) != MEDIA_DONE) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!media.bytes.p) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    respond_header(r, "cache-control", STR("public, max-age=31536000, immutable"));
    respond_bytes(r, media.kind, media.bytes);
}
