// Who may do what: roles on a site and on the platform, and the permission each route names.
#pragma once

#include "base/str.h"

// name, least role that has it
#define PERMISSIONS(X)                                                                  \
    X(PUBLIC, ROLE_NOBODY)           /* anybody */                                      \
    X(ACCOUNT, ROLE_CUSTOMER)        /* one's own account on a storefront */            \
    X(OFFICE_USE, ROLE_BOX_OFFICE)   /* be in the back office */                        \
    X(FEATURES_READ, ROLE_MANAGER)   /* see the catalogue of features */                \
    X(FEATURES_CHANGE, ROLE_MANAGER) /* switch and set features */                      \
    X(NOTIFICATIONS_CHANGE, ROLE_MANAGER)                                               \
    X(ORDERS_READ, ROLE_BOX_OFFICE)                                                     \
    X(ORDERS_BOOK, ROLE_BOX_OFFICE)   /* book for somebody */                           \
    X(ORDERS_CHANGE, ROLE_BOX_OFFICE) /* notes, no-shows, mails again */                \
    X(ORDERS_RETURN, ROLE_BOX_OFFICE) /* cancel, give money back */                     \
    X(ORDERS_EXPORT, ROLE_MANAGER)    /* take all of them away as a file */             \
    X(CUSTOMERS_READ, ROLE_BOX_OFFICE)                                                  \
    X(CUSTOMERS_CHANGE, ROLE_BOX_OFFICE) /* make, edit, tag, annotate */                \
    X(CUSTOMERS_DELETE, ROLE_MANAGER)    /* delete, merge */                            \
    X(CUSTOMERS_EXPORT, ROLE_MANAGER)    /* take all of them away as a file */          \
    X(OFFERS_READ, ROLE_MANAGER)                                                        \
    X(OFFERS_CHANGE, ROLE_MANAGER)                                                      \
    X(SCHEDULE_READ, ROLE_BOX_OFFICE)                                                   \
    X(SCHEDULE_CHANGE, ROLE_MANAGER)                                                    \
    X(STAFF_CHANGE, ROLE_OWNER)      /* who works here, and as what */                  \
    X(SETTINGS_CHANGE, ROLE_MANAGER) /* look, legal texts, taxes, channels */           \
    X(WEBHOOKS_CHANGE, ROLE_MANAGER) /* where events are sent, and their secrets */     \
    X(TOKENS_CHANGE, ROLE_OWNER)     /* what programs may do here */                    \
    X(GO_LIVE, ROLE_OWNER)           /* leave practice mode */                          \
    X(PLUGIN_PAGES, ROLE_MANAGER)    /* pages that plugins add to the back office */    \
    X(SUPPORT_READ, ROLE_MANAGER)    /* when support was in the office, and why */      \
    X(CONSOLE_USE, ROLE_ACCOUNT_MANAGER)                                                \
    X(SITES_CHANGE, ROLE_ACCOUNT_MANAGER)     /* create, suspend, close, plan, owner */ \
    X(APPROVALS_DECIDE, ROLE_ACCOUNT_MANAGER) /* gated features */                      \
    X(SUPPORT_OPEN, ROLE_ACCOUNT_MANAGER)     /* work in a site's back office */        \
    X(SETUPS_CHANGE, ROLE_ACCOUNT_MANAGER)    /* configure sites, one or many */        \
    X(SITES_MOVE, ROLE_ACCOUNT_MANAGER)       /* whole sites as files, out and in */    \
    X(JOBS_RETRY, ROLE_ACCOUNT_MANAGER)                                                 \
    X(PLANS_CHANGE, ROLE_OPERATOR)                                                      \
    X(CONSOLE_OPERATE, ROLE_OPERATOR)

enum role {
    ROLE_NOBODY,
    ROLE_CUSTOMER,
    ROLE_BOX_OFFICE,
    ROLE_MANAGER,
    ROLE_OWNER,
    ROLE_ACCOUNT_MANAGER,
    ROLE_OPERATOR,
};

enum permission {
#define PERMISSION_NAME(name, role) PERMIT_##name,
    PERMISSIONS(PERMISSION_NAME)
#undef PERMISSION_NAME
        PERMISSION_COUNT
};

enum role role_of(struct str name);
// Site roles have no platform permission and the other way round.
bool role_has(enum role role, enum permission permission);
// Whether a token may be given it: what owners alone decide, and one's own account, stays with
// people.
bool permission_is_scope(enum permission permission);
struct str permission_name(enum permission permission);
// PERMISSION_COUNT when there is no such permission.
enum permission permission_find(struct str name);
