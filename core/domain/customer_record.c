#include "domain/customer_record.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/phone.h"
#include "base/text.h"
#include "data/audit.h"
#include "domain/customer_record.sql.h"
#include "domain/customer_rows.h"
#include "domain/person_link.h"
#include "domain/search.h"

const char *const customer_genders[] = {"female", "male", "other", "not_stated", NULL};

struct customer_record customer_record_of_row(const struct rows *rows, int row)
{
    return (struct customer_record){.c = customer_of_row(rows, row),
        .gender = rows_str(rows, row, KEY(gender)),
        .country = rows_str(rows, row, KEY(country)),
        .birthdate = rows_str(rows, row, KEY(birthdate)),
        .made_by = rows_str(rows, row, KEY(made_by)),
        .tags = rows_str(rows, row, KEY(tags))};
}

int customer_record_add(struct unit *u, int64_t id)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_customer_record_load, db_i64(a, unit_tenant(u)), db_i64(a, id));
}

enum customer_result customer_record_load(
    struct arena *a, const struct site *site, int64_t id, struct customer_record *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = customer_record_add(u, id);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, place)->count)
        return CUSTOMER_GONE;
    *out = customer_record_of_row(unit_rows(u, place), 0);
    return CUSTOMER_DONE;
}

struct value *customer_record_value(struct arena *a, const struct customer_record *record)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(first_name), record->c.first_name);
    value_set_str(a, v, KEY(last_name), record->c.last_name);
    value_set_str(a, v, KEY(email), record->c.email);
    value_set_str(a, v, KEY(phone), record->c.phone);
    value_set_str(a, v, KEY(gender), record->gender);
    value_set_str(a, v, KEY(country), record->country);
    value_set_str(a, v, KEY(birthdate), record->birthdate);
    value_set_str(a, v, KEY(tags), record->tags);
    return v;
}

void customer_add_search(struct unit *u, const struct customer *c)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_customer_unfind, db_i64(a, unit_tenant(u)), db_i64(a, c->id));
    search_add(u, STR("customer"), c->id,
        &(struct search_text){.words = customer_name(a, c), .email = c->email, .phone = c->phone});
}

void customer_audit_by(struct unit *u, const struct customer_editor *by, int64_t id,
    const char *action, const struct value *states[2])
{
    audit_add(u, &(struct audit){.actor_kind = by->actor->kind,
                     .actor_id = by->actor->id,
                     .actor_name = by->actor->name,
                     .action = str_of(action),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(unit_arena(u), id),
                     .before = states[0],
                     .after = states[1]});
}

struct tags {
    struct str tag[CUSTOMER_TAGS_MAX], folded[CUSTOMER_TAGS_MAX];
    size_t count;
};

static size_t place_of(const struct tags *t, struct str folded)
{
    size_t at = 0;
    while (at < t->count && str_cmp(t->folded[at], folded) < 0)
        at++;
    return at;
}

// False when there is no room, or the tag is too long.
static bool insert_tag(struct arena *a, struct tags *t, struct str tag)
{
    struct str folded = text_fold(a, tag);
    size_t at = place_of(t, folded);
    if (at < t->count && str_eq(t->folded[at], folded))
        return true;
    if (t->count == CUSTOMER_TAGS_MAX || str_utf8_count(tag) > CUSTOMER_TAG_MAX)
        return false;
    for (size_t i = t->count++; i > at; i--) {
        t->tag[i] = t->tag[i - 1];
        t->folded[i] = t->folded[i - 1];
    }
    t->tag[at] = tag;
    t->folded[at] = folded;
    return true;
}

static bool read_tags(struct arena *a, struct str typed, struct tags *t)
{
    bool all = true;
    t->count = 0;
    while (typed.p && typed.len) {
        struct str tag = text_strip(str_cut(&typed, ','));
        if (tag.len)
            all &= insert_tag(a, t, tag);
    }
    return all;
}

struct str customer_tags_of(struct arena *a, struct str typed, bool *wrong)
{
    struct tags t;
    struct str text = STR_NULL;
    *wrong = !read_tags(a, typed, &t);
    for (size_t i = 0; i < t.count; i++)
        text = text.p ? str_join(a, text, STR(", "), t.tag[i], STR_NULL) : t.tag[i];
    return text;
}

static void add_tags(struct unit *u, const struct customer_record *record)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), id = db_i64(a, record->c.id);
    struct tags t;
    read_tags(a, record->tags, &t);
    struct str folded = db_str_array(a, t.folded, t.count);
    unit_add(u, &SQL_customer_untag, tenant, id, folded);
    unit_add(u, &SQL_customer_tag, tenant, id, db_str_array(a, t.tag, t.count), folded);
}

enum customer_result customer_of_folded(
    struct arena *a, const struct site *site, struct str folded, int64_t *other)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_of_folded, db_i64(a, site->tenant), folded);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    // Gone again meanwhile: the next try goes through.
    *other = unit_rows(u, 0)->count ? rows_i64(unit_rows(u, 0), 0, KEY(customer_id)) : 0;
    return CUSTOMER_TAKEN;
}

// Whom the address belongs to: nobody (CUSTOMER_GONE), or a verified person who is what was typed.
static enum customer_result check_person(struct arena *a, const struct customer_editor *by,
    const struct customer_record *record, struct person *out)
{
    const struct customer *c = &record->c;
    struct person_claim claim = {.email = c->email,
        .first_name = c->first_name,
        .last_name = c->last_name,
        .phone = record->typed_phone.len ? record->typed_phone : c->phone,
        .gender = record->gender,
        .country = record->country,
        .birthdate = record->birthdate,
        .whole = true,
        .padded = record->padded};
    return person_check(a, by, &claim, out);
}

static void add_customer(
    struct unit *u, const struct customer_record *record, const struct person *linked)
{
    struct arena *a = unit_arena(u);
    const struct customer *c = &record->c;
    struct str tenant = db_i64(a, unit_tenant(u)), folded = text_fold(a, c->email);
    unit_add(u, &SQL_customer_address_lock, tenant, folded);
    unit_add(u, &SQL_customer_insert, tenant, db_i64(a, c->id), c->first_name, c->last_name,
        c->email, folded, c->phone, c->language, record->gender, record->country, record->birthdate,
        db_time(a, c->created_us), linked ? db_i64(a, linked->id) : STR_NULL,
        linked ? db_i64(a, linked->version) : STR_NULL);
    add_tags(u, record);
    customer_add_search(u, c);
    if (linked)
        person_add_linked(u, c, linked);
}

enum customer_result customer_create(struct arena *a, const struct customer_editor *by,
    struct customer_record *record, int64_t *other)
{
    struct customer *c = &record->c;
    struct person person;
    // Whom the site has already is no secret to it.
    enum customer_result known = customer_of_folded(a, by->site, text_fold(a, c->email), other);
    if (known != CUSTOMER_TAKEN || *other)
        return known;
    enum customer_result checked = check_person(a, by, record, &person);
    if (checked != CUSTOMER_DONE && checked != CUSTOMER_GONE)
        return checked;
    const struct person *linked = checked == CUSTOMER_DONE ? &person : NULL;
    c->id = id_number();
    c->version = 1;
    c->created_us = clock_now_us();
    record->made_by = STR("staff");
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    add_customer(u, record, linked);
    const struct value *states[2] = {NULL, customer_record_value(a, record)};
    customer_audit_by(u, by, c->id, "customer.create", states);
    customer_tell(
        u, EVENT_customer_created, &(struct customer_told){.id = c->id, .by = by->actor->kind});
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_TAKEN ? customer_of_folded(a, by->site, text_fold(a, c->email), other)
                                    : result;
}

enum customer_result customer_change(
    struct arena *a, const struct customer_editor *by, const struct customer_record *record)
{
    const struct customer *c = &record->c;
    struct str tenant = db_i64(a, by->site->tenant);
    struct customer_record before;
    enum customer_result found = customer_record_load(a, by->site, c->id, &before);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_same_guard, tenant, db_i64(a, c->id), c->first_name, c->last_name,
        c->phone, record->gender, record->country, record->birthdate);
    unit_add(u, &SQL_customer_update, tenant, db_i64(a, c->id), db_i64(a, c->version),
        c->first_name, c->last_name, c->phone, record->gender, record->country, record->birthdate);
    add_tags(u, record);
    customer_add_search(u, c);
    const struct value *states[2] = {
        customer_record_value(a, &before), customer_record_value(a, record)};
    customer_audit_by(u, by, c->id, "customer.change", states);
    customer_tell(u, EVENT_customer_changed,
        &(struct customer_told){c->id, by->actor->kind, states[0], states[1]});
    return customer_finish(u);
}

// False when they are so already, or there is no room.
static bool retag(struct arena *a, struct str *tags, const struct customer_retagging *what)
{
    struct str rest = *tags, left = STR_NULL, folded = text_fold(a, what->tag);
    bool had = false;
    while (rest.p && rest.len) {
        struct str tag = text_strip(str_cut(&rest, ','));
        bool same = str_eq(text_fold(a, tag), folded);
        had |= same;
        if (!same)
            left = left.p ? str_join(a, left, STR(", "), tag, STR_NULL) : tag;
    }
    if (had == what->adds)
        return false;
    bool wrong = false;
    if (what->adds)
        left = left.p ? str_join(a, left, STR(", "), what->tag, STR_NULL) : what->tag;
    *tags = customer_tags_of(a, left, &wrong);
    return !wrong;
}

enum customer_result customer_retag(struct arena *a, const struct customer_editor *by, int64_t id,
    const struct customer_retagging *what)
{
    struct str tenant = db_i64(a, by->site->tenant);
    struct customer_record before, after;
    enum customer_result found = customer_record_load(a, by->site, id, &before);
    if (found != CUSTOMER_DONE)
        return found;
    after = before;
    if (!retag(a, &after.tags, what))
        return CUSTOMER_WRONG;
    const struct customer *c = &before.c;
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_update, tenant, db_i64(a, id), db_i64(a, c->version), c->first_name,
        c->last_name, c->phone, before.gender, before.country, before.birthdate);
    add_tags(u, &after);
    const struct value *states[2] = {
        customer_record_value(a, &before), customer_record_value(a, &after)};
    customer_audit_by(u, by, id, "customer.change", states);
    customer_tell(u, EVENT_customer_changed,
        &(struct customer_told){id, by->actor->kind, states[0], states[1]});
    what->also(u, what->arg);
    return customer_finish(u);
}

enum customer_result customer_add_note(
    struct arena *a, const struct customer_editor *by, int64_t id, struct str note)
{
    struct value *after = value_object(a);
    const struct value *states[2] = {NULL, after};
    value_set_str(a, after, KEY(text), note);
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_note_insert, db_i64(a, by->site->tenant), db_i64(a, id),
        db_time(a, clock_now_us()), by->actor->name, note);
    customer_audit_by(u, by, id, "customer.note", states);
    // A customer who is gone has no notes: the row refers to nobody.
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_CHANGED ? CUSTOMER_GONE : result;
}
