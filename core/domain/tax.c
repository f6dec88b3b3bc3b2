#include "domain/tax.h"

#include "base/id.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/tax.sql.h"

struct value *tax_value(struct arena *a, const struct tax *tax)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(code), tax->code);
    value_set(a, v, KEY(name), (struct value *)tax->name);
    value_set_int(a, v, KEY(rate_ppm), tax->rate_ppm);
    value_set_bool(a, v, KEY(included), tax->included);
    return v;
}

struct ending {
    const char *action;
    int64_t id;
    const struct value *after;
};

static enum tax_result finish(
    struct unit *u, const struct tax_change *c, const struct ending *ending)
{
    audit_add(u, &(struct audit){.actor_kind = c->actor.kind,
                     .actor_id = c->actor.id,
                     .actor_name = c->actor.name,
                     .action = str_of(ending->action),
                     .object_kind = STR("tax"),
                     .object_id = str_of_i64(unit_arena(u), ending->id),
                     .before = c->before,
                     .after = ending->after});
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return TAX_DONE;
    case DB_CONFLICT:
        return ending->after ? TAX_TAKEN : TAX_IN_USE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "tax_in_use") ? TAX_IN_USE
               : str_is(unit_refusal(u), "tax_gone") ? TAX_GONE
                                                     : TAX_CHANGED;
    default:
        return TAX_BUSY;
    }
}

enum tax_result tax_save(struct arena *a, const struct tax_change *c, const struct tax *tax)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct str tenant = db_i64(a, c->site->tenant);
    struct ending ending = {"tax.save", tax->id ? tax->id : id_number(), tax_value(a, tax)};
    struct str id = db_i64(a, ending.id), rate = db_i64(a, tax->rate_ppm);
    if (tax->id) {
        unit_add(u, &SQL_tax_guard, tenant, id, db_i64(a, tax->version));
        unit_add(u, &SQL_tax_set, tenant, id, db_json(a, tax->name), rate, db_bool(tax->included));
    } else {
        unit_add(u, &SQL_tax_add, tenant, id, tax->code, db_json(a, tax->name), rate,
            db_bool(tax->included));
    }
    return finish(u, c, &ending);
}

enum tax_result tax_remove(struct arena *a, const struct tax_change *c, int64_t id)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    struct str tenant = db_i64(a, c->site->tenant);
    unit_add(u, &SQL_tax_guard_unused, tenant, db_i64(a, id));
    unit_add(u, &SQL_tax_remove, tenant, db_i64(a, id));
    return finish(u, c, &(struct ending){"tax.remove", id, NULL});
}
