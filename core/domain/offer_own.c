#include "domain/offer_own.h"

#include "domain/offer_own.sql.h"

void offer_own(struct unit *u, int64_t offer)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_offer_own, db_i64(a, unit_tenant(u)), db_i64(a, offer));
}

void offer_own_of_slots(struct unit *u, struct str slots)
{
    unit_add(u, &SQL_offer_own_of_slots, db_i64(unit_arena(u), unit_tenant(u)), slots);
}

void offer_own_of_resource(struct unit *u, int64_t resource)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_offer_own_of_resource, db_i64(a, unit_tenant(u)), db_i64(a, resource));
}
