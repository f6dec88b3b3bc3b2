#include "domain/invariant.h"

#include "domain/invariant.sql.h"
#include "domain/ledger_verify.h"

static const struct sql *const sales[] = {
    &SQL_a_slot_counts_the_places_of_its_lines,
    &SQL_no_slot_has_more_places_taken_than_it_has,
    &SQL_a_line_of_an_exclusive_offer_uses_as_many_resources_as_it_counts,
    &SQL_a_line_with_numbered_places_has_as_many_as_it_counts,
    &SQL_no_two_uses_of_a_resource_overlap,
    &SQL_an_order_costs_what_its_lines_cost,
    &SQL_a_line_costs_its_price_less_discounts_with_tax,
    &SQL_in_a_placed_order_what_is_paid_and_due_makes_its_total,
    &SQL_a_placed_order_holds_nothing,
    &SQL_no_payment_gives_back_more_than_it_was,
    &SQL_every_confirmed_place_has_one_valid_ticket,
    &SQL_a_session_has_one_basket_at_most,
    &SQL_the_last_event_of_a_line_is_its_state,
    &SQL_every_site_has_a_revision_and_a_channel_on_the_web,
};

enum { SALES = (int)(sizeof sales / sizeof *sales) };

int invariant_count(void)
{
    return SALES + LEDGER_INVARIANTS;
}

int invariant_ledger(void)
{
    return SALES;
}

bool invariant_ask(struct arena *a, PGconn *pg, int i, const char *site, struct invariant *out)
{
    const struct sql *sql = i < SALES ? sales[i] : ledger_invariants[i - SALES];
    struct str text = str_join(a, STR("WITH broken AS MATERIALIZED ("), str_of(sql->text),
        STR("), found AS (SELECT * FROM broken WHERE $1::text IS NULL OR tenant_id ="
            " (SELECT tenant_id FROM site WHERE slug = $1))"
            " SELECT (SELECT count(*) FROM found), (SELECT string_agg(to_jsonb(b)::text, E'\\n')"
            " FROM (SELECT * FROM found LIMIT 5) b)"),
        STR_NULL);
    PGresult *r = owner_ask(pg, text.p, &site, 1);
    if (!r)
        return false;
    *out = (struct invariant){.words = invariant_words(a, sql)};
    out->broken = owner_number(r, 0, 0);
    out->rows = str_dup(a, owner_cell(r, 0, 1));
    PQclear(r);
    return true;
}
