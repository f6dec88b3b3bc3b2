#include "http/overlay.h"

#include "base/clock.h"
#include "base/log.h"
#include "data/db.h"
#include "domain/site.h"
#include "http/overlay.sql.h"
#include "http/respond.h"
#include "http/template.h"

static void note(const struct site *site, struct str name, const struct source_error *e)
{
    struct arena *a = arena_new();
    struct str text = str_format(a, "line %d: %.*s", e->line, STR_ARG(e->text));
    log_warn(
        "a site's own template has a mistake", "site", site->slug, "template", name, "error", text);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_overlay_note_error, db_i64(a, site->tenant), name, text,
        db_time(a, clock_now_us()));
    // The log has it too; the page is served either way.
    enum db_result ignored = unit_run(u);
    (void)ignored;
    arena_free(a);
}

static void complete(struct site *site)
{
    if (!site->template_count)
        return;
    struct template_overlay *overlay =
        template_overlay_new(site->arena, respond_parts()->templates);
    for (int i = 0; i < site->template_count; i++) {
        struct source_error e;
        const struct site_text *t = &site->templates[i];
        if (!template_overlay_add(overlay, t->name, t->body, &e))
            note(site, t->name, &e);
    }
    site->overlay = overlay;
}

void overlay_start(void)
{
    site_on_load(complete, NULL);
}
