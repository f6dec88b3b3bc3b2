// The console: what the platform's account managers and operators see under /console. Pages are
// made of the office's parts (web/office/frame); a page about one site takes it from its address
// and keeps it in the request, so that times, amounts and words are the site's.
#pragma once

#include "domain/feature.h"
#include "http/route.h"

void console_start(void);
void console_login_start(void);
void console_home_start(void);
void console_create_start(void);
void console_ownership_start(void);
void console_errors_start(void);
void console_factor_start(void);
void console_site_start(void);
void console_site_change_start(void);
void console_approvals_start(void);
void console_jobs_start(void);
void console_support_start(void);
void console_plans_start(void);
void console_setup_start(void);
void console_changes_start(void);
void console_account_start(void);
void console_site_export_start(void);
void console_site_import_start(void);

// Where operators log in.
struct login_place;
extern const struct login_place console_login_place;
// Whether that field of the form is the reader's own password, asked for once more before what
// weakens the account; answers otherwise.
bool console_account_confirmed(struct request *r, const char *field);

// The site that the route's first parameter names, in r->about; answers and gives NULL without one.
struct site *console_site(struct request *r);
// "/console/sites/SLUG" with `tail` behind it.
struct str console_site_path(struct request *r, struct str slug, const char *tail);
struct str console_site_url(struct request *r, struct str slug, const char *tail);
// Who acts, with what the form says about it.
struct feature_actor console_actor(const struct request *r, struct str note);
// "on", "practice", "bad", "off": how the state of a site is shown.
struct str console_dot(struct str state, bool practice);
// The same words as a person reads them.
struct str console_state_text(struct request *r, struct str dot);
// The title of a feature, or its name when it isn't installed.
struct str console_feature_title(struct request *r, struct str name);
// [{value, label}] of all features, for filters.
struct value *console_feature_options(struct request *r);
// A page about r->about: crumbs, tabs, state.
struct value *console_site_view(struct request *r);
// The whole page of r->about (console/site); answers and gives NULL when the database is away.
struct value *console_site_page(struct request *r);
// Drafts a change of set-ups and leads to its preview.
struct rollout_sites;
void console_draft(struct request *r, const struct value *changes,
    const struct rollout_sites *sites, struct str title);
