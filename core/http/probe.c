#include "http/probe.h"

#include "base/metric.h"
#include "data/db.h"
#include "data/revision.h"
#include "http/respond.h"

static bool answer(struct request *r, int status, struct str text)
{
    respond_bytes(r, STR("text/plain; charset=utf-8"), text);
    r->response.status = status;
    respond_header(r, "cache-control", STR("no-store"));
    return true;
}

static bool is_local(const struct request *r)
{
    return str_is(r->remote, "127.0.0.1") || str_is(r->remote, "::1");
}

bool probe_answer(struct request *r)
{
    if (r->method != HTTP_GET)
        return false;
    if (str_is(r->path, "/healthz"))
        return answer(r, 200, STR("ok\n"));
    if (str_is(r->path, "/readyz")) {
        bool ready = db_ready() && revision_ready();
        return answer(r, ready ? 200 : 503, ready ? STR("ready\n") : STR("not ready\n"));
    }
    // Figures of all sites are the operator's: asked for on the machine itself.
    if (str_is(r->path, "/metrics") && is_local(r))
        return answer(r, 200, metric_text(r->arena));
    return false;
}
