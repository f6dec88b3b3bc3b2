// The form of a customer: its fields, and what was sent.
#include "base/clock.h"
#include "base/date.h"
#include "base/phone.h"
#include "http/country.h"
#include "web/office/customers/pages.h"
#include "web/office/frame/fields.h"

enum { BORN_LEAST = 1900, TAGS_TEXT_MAX = 1000 };

#define CUSTOMER_FIELDS(needed)                                                       \
    {"csrf", .kind = FIELD_TEXT}, {"idempotency_key", .max = 64},                     \
        {"first_name", .required = needed, .max = CUSTOMER_NAME_MAX},                 \
        {"last_name", .required = needed, .max = CUSTOMER_NAME_MAX},                  \
        {"gender", .kind = FIELD_CHOICE, .choices = customer_genders},                \
        {"birthdate", .kind = FIELD_DATE}, {"email", .kind = FIELD_EMAIL},            \
        {"phone", .kind = FIELD_TEXT, .max = PHONE_TYPED_MAX}, {"country", .max = 2}, \
    {                                                                                 \
        "tags", .max = TAGS_TEXT_MAX                                                  \
    }
const struct form customers_form_new = FORM(CUSTOMER_FIELDS(true), CUSTOMERS_NEXT);
// Of a verified person the tags alone are sent.
const struct form customers_form_change = FORM(CUSTOMER_FIELDS(false), FORM_SEEN("version"));

static struct value *choices_with_none(struct request *r)
{
    struct value *choices = value_list(r->arena);
    office_choice_add(
        r, choices, STR(""), message(r->arena, r->words, STR("office.customer.choose"), NULL));
    return choices;
}

static struct value *gender_choices(struct request *r)
{
    struct value *choices = choices_with_none(r);
    for (const char *const *g = customer_genders; *g; g++)
        office_choice_add(r, choices, str_of(*g),
            message(r->arena, r->words,
                str_join(r->arena, STR("office.value.gender."), str_of(*g), STR_NULL), NULL));
    return choices;
}

static struct value *country_choices(struct request *r)
{
    const struct countries *all = countries_in(r->language);
    struct value *choices = choices_with_none(r);
    for (int i = 0; i < all->count; i++)
        office_choice_add(r, choices, all->items[i].code, all->items[i].name);
    return choices;
}

static void add_who(
    struct request *r, struct value *sets, const struct customer_record *record, bool is_new)
{
    struct value *who = office_fieldset_add(r, sets, "office.customer.set.who");
    office_field_add(r, who,
        &(struct office_field){.id = "first_name",
            .label = "office.customer.first_name",
            .value = record->c.first_name,
            .required = true,
            .len_max = CUSTOMER_NAME_MAX});
    office_field_add(r, who,
        &(struct office_field){.id = "last_name",
            .label = "office.customer.last_name",
            .value = record->c.last_name,
            .required = true,
            .len_max = CUSTOMER_NAME_MAX});
    office_field_add(r, who,
        &(struct office_field){.id = "gender",
            .label = "office.customer.gender",
            .kind = OFFICE_CHOICE,
            .value = record->gender,
            .required = is_new || record->gender.len,
            .choices = gender_choices(r)});
    office_field_add(r, who,
        &(struct office_field){.id = "birthdate",
            .label = "office.customer.birthdate",
            .kind = OFFICE_DATE,
            .value = record->birthdate});
}

static void add_reach(
    struct request *r, struct value *sets, const struct customer_record *record, bool is_new)
{
    struct value *reach = office_fieldset_add(r, sets, "office.customer.set.reach");
    if (is_new)
        office_field_add(r, reach,
            &(struct office_field){.id = "email",
                .label = "office.customer.email",
                .kind = OFFICE_EMAIL,
                .value = record->c.email,
                .required = true,
                .len_max = 254});
    office_field_add(r, reach,
        &(struct office_field){.id = "phone",
            .label = "office.customer.phone",
            .kind = OFFICE_PHONE,
            .value = phone_text(r->arena, record->c.phone),
            .required = is_new || record->c.phone.len,
            .len_max = PHONE_TYPED_MAX});
    office_field_add(r, reach,
        &(struct office_field){.id = "country",
            .label = "office.customer.country",
            .kind = OFFICE_CHOICE,
            .value = record->country,
            .required = is_new || record->country.len,
            .choices = country_choices(r)});
}

void customers_form_view(
    struct request *r, struct value *view, const struct customer_record *record, bool is_new)
{
    struct value *sets = value_list(r->arena);
    value_set(r->arena, view, KEY(sets), sets);
    if (is_new || !record->c.person) {
        add_who(r, sets, record, is_new);
        add_reach(r, sets, record, is_new);
    }
    struct value *own = office_fieldset_add(r, sets, "office.customer.set.own");
    office_field_add(r, own,
        &(struct office_field){.id = "tags",
            .label = "office.customer.tags",
            .value = record->tags,
            .len_max = TAGS_TEXT_MAX});
}

// What was never asked may stay open; what is known isn't forgotten.
static struct str needed(struct request *r, const char *field, struct str before, bool is_new)
{
    struct str sent = form_str(r, value_key_intern(str_of(field)));
    const struct value *typed = value_get(r->typed, value_key_intern(str_of(field)));
    if (!sent.len && !value_get(typed, KEY(error)) && (is_new || before.len))
        form_refuse(r, field, "required");
    return sent.len ? sent : STR_NULL;
}

static struct str read_country(struct request *r, struct str before, bool is_new)
{
    struct str country = needed(r, "country", before, is_new);
    if (country.len && !country_exists(country))
        form_refuse(r, "country", "choice");
    return country;
}

static struct str read_phone(
    struct request *r, const struct customer_record *base, struct str country, bool is_new)
{
    struct str typed = needed(r, "phone", base->c.phone, is_new);
    // Shown as it is written there, and not touched.
    if (!typed.len || str_eq(typed, phone_text(r->arena, base->c.phone)))
        return typed.len ? base->c.phone : STR_NULL;
    struct str phone = phone_parse(r->arena, typed, country.len ? country : r->site->region);
    if (!phone.p)
        form_refuse_text(r, "phone", "phone",
            message(r->arena, r->words, STR("office.customer.phone.wrong"), NULL));
    return phone;
}

static struct str read_birthdate(struct request *r)
{
    struct date day, today = zone_date(r->site->zone, clock_now_us());
    struct str typed = form_str(r, KEY(birthdate));
    if (!typed.len || !date_parse(typed, &day))
        return STR_NULL;
    if (day.year < BORN_LEAST || date_cmp(day, today) > 0)
        form_refuse_text(r, "birthdate", "date",
            message(r->arena, r->words, STR("office.customer.birthdate.wrong"), NULL));
    return typed;
}

static struct str read_tags(struct request *r)
{
    bool wrong;
    struct str tags = customer_tags_of(r->arena, form_str(r, KEY(tags)), &wrong);
    if (wrong)
        form_refuse_text(r, "tags", "tags",
            message(r->arena, r->words, STR("office.customer.tags.wrong"), "most",
                value_int(r->arena, CUSTOMER_TAGS_MAX), "length",
                value_int(r->arena, CUSTOMER_TAG_MAX), NULL));
    return tags;
}

// Blanks at an end, which are cut off before anything else sees them.
static bool was_padded(const struct request *r)
{
    static const char *const fields[] = {"first_name", "last_name", "email", "phone"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (value_get_bool(
                value_get(r->typed, value_key_intern(str_of(fields[i]))), KEY(padded), false))
            return true;
    return false;
}

static struct str own(struct request *r, const char *field, struct str before)
{
    struct str sent = form_str(r, value_key_intern(str_of(field)));
    return sent.len ? sent : before;
}

// What a verified person confirmed needn't be sent; sent otherwise, it is refused later.
static void read_own(
    struct request *r, const struct customer_record *base, struct customer_record *sent)
{
    sent->c.first_name = own(r, "first_name", base->c.first_name);
    sent->c.last_name = own(r, "last_name", base->c.last_name);
    sent->gender = own(r, "gender", base->gender);
    sent->country = own(r, "country", base->country);
    sent->birthdate = own(r, "birthdate", base->birthdate);
    struct str phone = own(r, "phone", base->c.phone);
    bool shown = str_eq(phone, phone_text(r->arena, base->c.phone));
    sent->c.phone = shown ? base->c.phone : phone;
}

struct customer_record customers_sent(
    struct request *r, const struct customer_record *base, bool is_new)
{
    struct customer_record sent = *base;
    if (!is_new && base->c.person) {
        read_own(r, base, &sent);
    } else {
        sent.c.first_name = needed(r, "first_name", base->c.first_name, is_new);
        sent.c.last_name = needed(r, "last_name", base->c.last_name, is_new);
        if (is_new)
            sent.c.email = needed(r, "email", STR_NULL, true);
        sent.country = read_country(r, base->country, is_new);
        sent.c.phone = read_phone(r, base, sent.country, is_new);
        sent.gender = needed(r, "gender", base->gender, is_new);
        sent.birthdate = read_birthdate(r);
        sent.typed_phone = form_str(r, KEY(phone));
        sent.padded = was_padded(r);
    }
    sent.tags = read_tags(r);
    if (form_refused(r))
        form_sort_errors(r);
    return sent;
}
