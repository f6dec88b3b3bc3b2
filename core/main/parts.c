#include "main/parts.h"

#include <stdio.h>

#include "domain/feature.h"
#include "domain/ownership.h"
#include "domain/rollout.h"
#include "domain/site_export.h"
#include "domain/site_import_job.h"
#include "domain/token_end.h"
#include "http/asset_file.h"
#include "http/host.h"
#include "http/message.h"
#include "http/overlay.h"
#include "http/respond.h"
#include "http/template.h"
#include "main/version.h"
#include "plug/plug.h"
#include "web/web.h"

static bool complain(struct arena *a, const struct source_error *e)
{
    fprintf(stderr, "vitrine: %s\n", source_error_text(a, e).p);
    return false;
}

static const char *below(struct arena *a, const struct config *c, const char *path)
{
    return str_join(a, str_of(c->home), STR("/"), str_of(path), STR_NULL).p;
}

static bool load_web(struct arena *a, const struct config *c, struct respond_parts *parts)
{
    struct source_error e;
    parts->assets = assets_load(a, below(a, c, "build/assets/manifest.json"), &e);
    if (!parts->assets || !asset_files_load(a, parts->assets, below(a, c, "build/assets"), &e))
        return complain(a, &e);
    parts->messages = messages_new(a);
    if (!messages_add_tree(parts->messages, below(a, c, "web"), &e))
        return complain(a, &e);
    parts->templates = template_set_new(a, parts->messages, parts->assets);
    return template_set_add_tree(parts->templates, below(a, c, "web"), STR(""), &e) ||
           complain(a, &e);
}

static bool load_plugins(struct arena *a, const struct config *c, struct respond_parts *parts)
{
    struct source_error e;
    struct plug_parts plug = {
        .home = str_of(c->home), .messages = parts->messages, .templates = parts->templates};
    return plug_load(a, &plug, &e) || complain(a, &e);
}

static bool load_mails(struct arena *a, const struct config *c)
{
    struct source_error e;
    return web_load(a, c->home, &e) || complain(a, &e);
}

static bool finish(struct arena *a, struct respond_parts *parts)
{
    struct source_error e;
    messages_finish(parts->messages);
    return template_set_finish(parts->templates, false, &e) || complain(a, &e);
}

bool parts_load(const struct config *c)
{
    // Lives as long as the process; a reload's successor processes have the new one.
    struct arena *a = arena_new();
    struct respond_parts parts = {0};
    if (!load_web(a, c, &parts) || !load_plugins(a, c, &parts) || !load_mails(a, c) ||
        !finish(a, &parts))
        return false;
    respond_init(&parts);
    host_init(c->host, c->public_port, c->public_https);
    return true;
}

void parts_start(const struct config *c)
{
    overlay_start();
    struct web_config web = {.home = str_of(c->home),
        .state = str_of(c->state),
        .public_port = c->public_port,
        .public_https = c->public_https,
        .smtp_url = str_of(c->smtp_url),
        .text_url = str_of(c->text_url),
        .holds_per_address = c->holds_per_address,
        .webhooks_to_self = c->webhooks_to_self,
        .haste = c->haste};
    plug_start();
    feature_init();
    rollout_init();
    site_export_start(c->database_url, STR(VITRINE_VERSION));
    site_import_start(c->database_url);
    ownership_init();
    token_end_start();
    web_start(&web);
}
