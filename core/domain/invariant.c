#include "domain/invariant.h"

#include "domain/invariant.sql.h"

static const struct sql *const invariants[] = {
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

int invariant_count(void)
{
    return (int)(sizeof invariants / sizeof *invariants);
}

static struct str words_of(struct arena *a, const char *name)
{
    struct str words = str_dup(a, str_of(name));
    for (char *p = (char *)words.p; *p; p++)
        if (*p == '_')
            *p = ' ';
    return words;
}

bool invariant_ask(struct arena *a, PGconn *pg, int i, struct invariant *out)
{
    struct str text = str_join(a, STR("WITH broken AS MATERIALIZED ("), str_of(invariants[i]->text),
        STR(") SELECT (SELECT count(*) FROM broken), (SELECT string_agg(to_jsonb(b)::text, E'\\n')"
            " FROM (SELECT * FROM broken LIMIT 5) b)"),
        STR_NULL);
    PGresult *r = owner_ask(pg, text.p, NULL, 0);
    if (!r)
        return false;
    *out = (struct invariant){.words = words_of(a, invariants[i]->name)};
    out->broken = owner_number(r, 0, 0);
    out->rows = str_dup(a, owner_cell(r, 0, 1));
    PQclear(r);
    return true;
}
