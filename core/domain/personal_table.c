#include "domain/personal.h"

#include "domain/feature_info.h"

#define OF_ORDERS(column) column " = ANY (@orders)"
// Whoever was merged into the customer.
#define MERGED                                                       \
    "SELECT m.other_id FROM customer_merge m WHERE m.tenant_id = $1" \
    " AND m.customer_id = @customer"

const struct personal_way personal_ways[] = {
    {"nobody", NULL},
    {"staff", NULL},
    {"operator", NULL},
    // Of the platform, not of a site: the person's own to end.
    {"person", NULL},
    {"customer", "t.customer_id = @customer"},
    {"order", OF_ORDERS("t.order_id")},
    {"line", "t.line_id IN (SELECT l.line_id FROM order_line l"
             " WHERE l.tenant_id = $1 AND " OF_ORDERS("l.order_id") ")"},
    {"address", "t.email_folded = @address"},
    {"customer or address", "t.customer_id = @customer OR t.email_folded = @address"},
    {"session", "t.session_id IN (SELECT s.session_id FROM session s"
                " WHERE s.tenant_id = $1 AND s.customer_id = @customer)"},
    {"order or customer", OF_ORDERS("t.order_id") " OR t.customer_id = @customer"
                                                  " OR t.customer_id IN (" MERGED ")"},
    {"customer_merge_row", "t.merge_id IN (SELECT m.merge_id FROM customer_merge m"
                           " WHERE m.tenant_id = $1 AND m.customer_id = @customer)"},
    {"acting", "t.actor_kind = 'customer' AND (t.actor_id = @customer"
               " OR t.actor_id IN (" MERGED ")"
               " OR t.object_kind = 'order' AND t.object_id = ANY (@orders::text[]))"},
    {"record", "t.object_kind = 'order' AND t.object_id = ANY (@orders::text[])"
               " OR t.object_kind = 'customer' AND (t.object_id = @customer::text"
               " OR t.object_id IN (SELECT x.other_id::text FROM (" MERGED ") x))"},
    {"search", "t.kind = 'order' AND " OF_ORDERS(
                   "t.object_id") " OR t.kind = 'customer' AND t.object_id = @customer"},
    {"event", OF_ORDERS("t.object_id") " OR t.object_id IN (SELECT p.payment_id FROM payment p"
                                       " WHERE p.tenant_id = $1 AND " OF_ORDERS("p.order_id") ")"},
    // Whatever is quoted there: the number of the customer, the code of an order.
    {"answer",
        "strpos(t.body, @customer::text) > 0 OR EXISTS (SELECT FROM orders o"
        " WHERE o.tenant_id = $1 AND " OF_ORDERS("o.order_id") " AND strpos(t.body, o.code) > 0)"},
    {"ledger", "t.posting_id IN (SELECT e.posting_id FROM ledger_account l"
               " JOIN entry e ON e.tenant_id = $1 AND e.account_id = l.account_id"
               " WHERE l.tenant_id = $1 AND l.customer_id = @customer)"},
    // A file of many people: it is made anew without this one.
    {"file", "t.created_at <= @until AND t.state IN ('done', 'failed')"},
    {0},
};

const struct personal_way *personal_way_find(struct str name)
{
    for (const struct personal_way *w = personal_ways; w->name; w++)
        if (str_is(name, w->name))
            return w;
    return NULL;
}

#define NOBODY(name, texts)                          \
    {                                                \
        name, "nobody", PERSONAL_KEEP, "", "", texts \
    }
#define STAFF(name, texts)                          \
    {                                               \
        name, "staff", PERSONAL_KEEP, texts, "", "" \
    }
#define OPERATOR(name, texts)                          \
    {                                                  \
        name, "operator", PERSONAL_KEEP, texts, "", "" \
    }

static const struct personal_table core[] = {
    // What hangs on a session, an order or the customer, before these themselves.
    {"idempotency", "session", PERSONAL_DELETE, "location", "fingerprint key", ""},
    {"api_answer", "answer", PERSONAL_BLANK, "body={}", "*", "key fingerprint type location"},
    {"webhook_event", "event", PERSONAL_DELETE, "facts body", "*", "type"},
    {"search_term", "search", PERSONAL_DELETE, "term", "*", "kind"},
    {"export", "file", PERSONAL_DELETE, "filter", "*", "kind format language state"},
    {"site_export", "file", PERSONAL_DELETE, "", "*", "operator_name state why"},
    {"mail", "order or customer", PERSONAL_BLANK, "recipient= subject=", "job_id",
        "plugin key state"},
    {"audit", "acting", PERSONAL_BLANK, "actor_name=", "*",
        "actor_kind action object_kind object_id"},
    {"audit", "record", PERSONAL_BLANK, "before~ after~", "actor_kind actor_id actor_name", ""},
    {"order_note", "order", PERSONAL_BLANK, "body=", "author", "author"},
    {"order_event", "order", PERSONAL_BLANK, "note", "actor", "from_state to_state actor"},
    {"customer_code", "address", PERSONAL_DELETE, "email email_folded", "browser_hash",
        "browser_hash"},
    {"session", "customer", PERSONAL_DELETE, "agent remote", "token_hash staff_id",
        "token_hash kind stage"},
    {"posting_note", "ledger", PERSONAL_DELETE, "body", "actor_name", "actor_name"},
    {"posting", "ledger", PERSONAL_KEEP, "", "actor_kind actor_id",
        "plugin key fingerprint kind unit actor_kind"},
    {"ledger_account", "customer", PERSONAL_BLANK, "customer_id", "", "plugin code unit"},
    // Kept for the law, anonymous: what was sold, for how much, what was paid.
    {"ticket", "line", PERSONAL_KEEP, "", "", "code place state"},
    {"slot_place", "line", PERSONAL_KEEP, "", "", "place"},
    {"payment", "order", PERSONAL_KEEP, "", "", "provider state currency reference refusal"},
    {"order_line", "order", PERSONAL_BLANK, "customer_id", "",
        "state state_before_paying title rate_name discounts"},
    {"orders", "order", PERSONAL_BLANK,
        "name email email_folded phone plugin_data={} session_id customer_id",
        "email_folded session_id", "code language currency"},
    {"passkey", "customer", PERSONAL_DELETE, "name host credential public_key",
        "credential public_key", ""},
    {"profile_draft", "customer", PERSONAL_DELETE,
        "first_name last_name phone gender country birthdate new_email", "session_id", ""},
    {"customer_tag", "customer", PERSONAL_DELETE, "tag tag_folded", "tag_folded", ""},
    {"customer_note", "customer", PERSONAL_DELETE, "body", "author", "author"},
    {"customer_email_wish", "customer", PERSONAL_DELETE, "email reason", "", ""},
    {"customer_batch_row", "customer", PERSONAL_DELETE, "was", "was", "state why"},
    {"customer_merge_row", "customer_merge_row", PERSONAL_DELETE, "was", "*", "table_name"},
    {"customer_merge", "customer", PERSONAL_DELETE, "kept_before kept_after other_before", "*",
        "actor_name"},
    {"customer", "customer", PERSONAL_DELETE,
        "first_name last_name email email_folded phone gender country birthdate language "
        "password_hash",
        "email_folded password_hash", "made_by"},
    // People who work there: theirs to change, with their role to go.
    STAFF("staff", "email email_folded name role password_hash totp_sealed"),
    STAFF("staff_invitation", "email email_folded role invited_by"),
    STAFF("staff_recovery", "code_hash"),
    STAFF("ownership_holder", "name email"),
    STAFF("ownership_transfer", "state operator_name email email_folded reason proof former name "
                                "password_hash consented_by ended_by"),
    STAFF("api_token", "name start token_hash scopes"),
    STAFF("approval", "plugin state asked_by question decided_by answer"),
    STAFF("upload", "name"),
    // A search may be for somebody by name: it goes with the view, which its maker ends.
    STAFF("customer_batch", "actor_kind actor_name action value label filter state"),
    STAFF("saved_view", "list name name_folded filter"),
    STAFF("edition", "subject value actor_name"),
    STAFF("slot_change", "kind reason actor_name actor_kind"),
    OPERATOR("operator", "email email_folded name role password_hash language totp_sealed"),
    OPERATOR("operator_recovery", "code_hash"),
    OPERATOR("operator_session", "token_hash stage"),
    OPERATOR("rollout", "operator_name title changes state"),
    OPERATOR("site_import", "operator_name file_name slug state code why"),
    OPERATOR("support_access", "operator_name operator_email reason ticket_hash token_hash"),
    {"person", "person", PERSONAL_KEEP,
        "email email_folded first_name last_name phone gender country birthdate language",
        "email_folded", ""},
    // Of the venue and of the program.
    NOBODY("attempt", "key"),
    NOBODY("category", "slug name"),
    NOBODY("channel", "kind name settings"),
    NOBODY("closure", "kind reason"),
    NOBODY("export_part", "bytes"),
    // What was set aside of an account, for an order.
    NOBODY("ledger_hold", "plugin key fingerprint unit"),
    NOBODY("feature", "plugin state settings"),
    NOBODY("file", "name kind bytes"),
    // Payloads of what was done for a person are emptied by domain/erasure.h: they are the
    // platform's.
    NOBODY("job", "kind payload once_key state last_error"),
    NOBODY("notification", "plugin key texts"),
    NOBODY("passkey_answer", "challenge_hash"),
    NOBODY("offer", "slug kind state title line description image image_alt"),
    NOBODY("offer_place", "place"),
    NOBODY("opening", "hours"),
    NOBODY("plan", "name title features"),
    NOBODY("plugin_error", "plugin place message detail"),
    NOBODY("profile", "name mode"),
    NOBODY("rate", "code name note"),
    NOBODY("resource", "code name kind"),
    NOBODY("rollout_site", "state error before"),
    NOBODY("schedule_rule", "rate_codes"),
    NOBODY("schema_migration", "component name checksum"),
    NOBODY("site", "slug skeleton name kind state plan currency time_zone languages branding texts "
                   "contact settings state_reason creation_key"),
    NOBODY("site_export_part", "bytes"),
    NOBODY("site_import_part", "bytes"),
    NOBODY("slot", "state rate_codes"),
    NOBODY("slot_change_row", "state code remedy choice"),
    NOBODY("tax", "code name"),
    NOBODY("template_override", "name body"),
    NOBODY("upload_part", "bytes"),
    NOBODY("webhook_delivery", "state"),
    NOBODY("webhook_endpoint", "url description events state secret old_secret"),
    // Goes with its event.
    NOBODY("webhook_try", "fault answer"),
};

struct personal_list personal_core(void)
{
    return (struct personal_list){core, sizeof core / sizeof *core};
}

struct personal_list personal_of_feature(const struct feature_info *info)
{
    return (struct personal_list){info->personal, info->personal_count};
}
