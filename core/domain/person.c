#include "domain/person.h"

#include "base/text.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "domain/person.sql.h"

// Guesses of what a person confirmed: few for each, more for a busy desk; those of all sites
// together.
enum { PERSON_TRIES = 5, SITE_TRIES = 200, ALL_TRIES = 20 };
enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

struct person person_of_row(const struct rows *rows, int row)
{
    return (struct person){.id = rows_i64(rows, row, KEY(person_id)),
        .version = rows_i64(rows, row, KEY(version)),
        .email = rows_str(rows, row, KEY(email)),
        .first_name = rows_str(rows, row, KEY(first_name)),
        .last_name = rows_str(rows, row, KEY(last_name)),
        .phone = rows_str(rows, row, KEY(phone)),
        .gender = rows_str(rows, row, KEY(gender)),
        .country = rows_str(rows, row, KEY(country)),
        .birthdate = rows_str(rows, row, KEY(birthdate)),
        .language = rows_str(rows, row, KEY(language))};
}

enum customer_result person_find_all(
    struct arena *a, const struct str *emails, size_t count, struct person_list *out)
{
    struct str *folded = arena_new_array(a, struct str, count + 1);
    for (size_t i = 0; i < count; i++)
        folded[i] = text_fold(a, emails[i]);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_person_of_addresses, db_str_array(a, folded, count));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    *out = (struct person_list){
        rows->count, arena_new_array(a, struct person, (size_t)rows->count + 1)};
    for (int i = 0; i < rows->count; i++)
        out->items[i] = person_of_row(rows, i);
    return CUSTOMER_DONE;
}

static enum customer_result person_find(struct arena *a, struct str email, struct person *out)
{
    struct person_list found;
    enum customer_result result = person_find_all(a, &email, 1, &found);
    if (result != CUSTOMER_DONE)
        return result;
    if (!found.count)
        return CUSTOMER_GONE;
    *out = found.items[0];
    return CUSTOMER_DONE;
}

static bool fits(struct str said, struct str confirmed)
{
    return !said.len || str_eq(said, confirmed);
}

bool person_fits(struct arena *a, const struct person *p, const struct person_claim *claim)
{
    struct str name = str_join(a, p->first_name, STR(" "), p->last_name, STR_NULL);
    // All of them, always: how long it takes doesn't say which one differs.
    bool same[] = {fits(claim->email, p->email), fits(claim->name, name),
        fits(claim->first_name, p->first_name), fits(claim->last_name, p->last_name),
        fits(claim->phone, p->phone), fits(claim->gender, p->gender),
        fits(claim->country, p->country), fits(claim->birthdate, p->birthdate),
        !claim->whole || claim->birthdate.len == p->birthdate.len, !claim->padded};
    bool all = true;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        all &= same[i];
    return all;
}

static enum customer_result may_try(
    struct arena *a, const struct customer_editor *by, const struct person *p)
{
    struct str who = str_of_i64(a, p->id);
    int64_t tenant = by->site->tenant;
    struct attempt tries[] = {{tenant, STR("person"), who, PERSON_TRIES, HOUR_MS},
        {tenant, STR("persons"), STR(""), SITE_TRIES, HOUR_MS},
        {0, STR("person"), who, ALL_TRIES, DAY_MS}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        enum attempt_result may = attempt_take(a, &tries[i], NULL);
        if (may != ATTEMPT_ALLOWED)
            return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    }
    return CUSTOMER_DONE;
}

// Who tried, and how often, can be seen; whose address it was can't.
static enum customer_result record_refusal(struct arena *a, const struct customer_editor *by)
{
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    audit_add(u, &(struct audit){.actor_kind = by->actor->kind,
                     .actor_id = by->actor->id,
                     .actor_name = by->actor->name,
                     .action = STR("customer.person_refused"),
                     .object_kind = STR("site"),
                     .object_id = str_of_i64(a, by->site->tenant)});
    return unit_run(u) == DB_OK ? CUSTOMER_VERIFIED : CUSTOMER_BUSY;
}

enum customer_result person_check_found(struct arena *a, const struct customer_editor *by,
    const struct person_claim *claim, const struct person *p)
{
    enum customer_result may = may_try(a, by, p);
    if (may != CUSTOMER_DONE)
        return may;
    return person_fits(a, p, claim) ? CUSTOMER_DONE : record_refusal(a, by);
}

enum customer_result person_check(struct arena *a, const struct customer_editor *by,
    const struct person_claim *claim, struct person *out)
{
    enum customer_result found = person_find(a, claim->email, out);
    return found == CUSTOMER_DONE ? person_check_found(a, by, claim, out) : found;
}
