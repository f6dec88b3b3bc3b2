#include "domain/letter.h"

#include "base/clock.h"
#include "data/jobs.h"
#include "domain/letter.sql.h"

static struct value *payload_of(struct arena *a, const struct letter *l)
{
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(key), l->key);
    value_set(
        a, payload, KEY(arguments), l->arguments ? value_copy(a, l->arguments) : value_object(a));
    value_set_str(a, payload, KEY(path), l->path);
    value_set_str(a, payload, KEY(language), l->language);
    return payload;
}

void letter_to_owners(struct unit *u, const struct letter *l)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_letter_to_owners, db_i64(a, unit_tenant(u)), STR(LETTER_JOB),
        db_json(a, payload_of(a, l)), db_time(a, clock_now_us()));
}

void letter_to_staff(struct unit *u, const struct letter *l, int64_t staff)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_letter_to_staff, db_i64(a, unit_tenant(u)), STR(LETTER_JOB),
        db_json(a, payload_of(a, l)), db_time(a, clock_now_us()), db_i64(a, staff));
}

void letter_to_address(struct unit *u, const struct letter *l, struct str email)
{
    struct value *payload = payload_of(unit_arena(u), l);
    value_set_str(unit_arena(u), payload, KEY(to), email);
    job_add(u, STR(LETTER_JOB), payload, clock_now_us(), STR_NULL);
}

void letter_to_operators(struct unit *u, const struct letter *l)
{
    job_add(u, STR(LETTER_OPERATORS_JOB), payload_of(unit_arena(u), l), clock_now_us(), STR_NULL);
}
