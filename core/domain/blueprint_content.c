#include "domain/blueprint_content.h"

#include "base/check.h"
#include "base/date.h"
#include "domain/blueprint.sql.h"

static struct str number(struct content *c, int64_t n)
{
    return db_i64(c->a, n);
}

static struct str json(struct content *c, const struct value *v)
{
    return v ? db_json(c->a, v) : STR_NULL;
}

static struct str json_or_empty(struct content *c, const struct value *v)
{
    return v ? db_json(c->a, v) : STR("{}");
}

static bool write_features(struct content *c)
{
    const struct value *all = value_get(c->file, KEY(features));
    c->at = "features";
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value_field *f = &all->object.fields[i];
        if (tx_exec(c->tx, &SQL_blueprint_insert_feature, NULL, c->tenant, value_key_name(f->key),
                json_or_empty(c, f->value), c->now) != DB_OK)
            return false;
    }
    return true;
}

static bool write_taxes(struct content *c)
{
    const struct value *all = value_get(c->file, KEY(taxes));
    c->at = "taxes";
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *t = value_at(all, i);
        if (tx_exec(c->tx, &SQL_blueprint_insert_tax, NULL, c->tenant, value_get_str(t, KEY(code)),
                json(c, value_get(t, KEY(name))), number(c, value_get_int(t, KEY(rate_ppm), 0)),
                db_bool(value_get_bool(t, KEY(included), true))) != DB_OK)
            return false;
    }
    return true;
}

static bool write_categories(struct content *c)
{
    const struct value *all = value_get(c->file, KEY(categories));
    c->at = "categories";
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *v = value_at(all, i);
        if (tx_exec(c->tx, &SQL_blueprint_insert_category, NULL, c->tenant,
                value_get_str(v, KEY(slug)), json(c, value_get(v, KEY(name))),
                number(c, (int64_t)i)) != DB_OK)
            return false;
    }
    return true;
}

static bool write_resources(struct content *c)
{
    const struct value *all = value_get(c->file, KEY(resources));
    c->at = "resources";
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *v = value_at(all, i);
        if (tx_exec(c->tx, &SQL_blueprint_insert_resource, NULL, c->tenant,
                value_get_str(v, KEY(code)), value_get_str(v, KEY(name)),
                value_get_str(v, KEY(kind)), number(c, (int64_t)i)) != DB_OK)
            return false;
    }
    return true;
}

static bool write_rates(struct content *c, struct str offer, const struct value *rates)
{
    for (size_t i = 0; i < value_count(rates); i++) {
        const struct value *v = value_at(rates, i);
        if (tx_exec(c->tx, &SQL_blueprint_insert_rate, NULL, c->tenant, offer,
                value_get_str(v, KEY(code)), json(c, value_get(v, KEY(name))),
                json(c, value_get(v, KEY(note))), number(c, value_get_int(v, KEY(price), -1)),
                number(c, (int64_t)i)) != DB_OK)
            return false;
    }
    return true;
}

static bool write_offer_resource(struct content *c, struct str offer, struct str code)
{
    const struct rows *rows;
    return tx_exec(c->tx, &SQL_blueprint_insert_offer_resource, &rows, c->tenant, offer, code) ==
               DB_OK &&
           rows->count == 1;
}

static bool write_offer_resources(struct content *c, struct str offer, const struct value *v)
{
    struct str one = value_get_str(v, KEY(resource));
    const struct value *several = value_get(v, KEY(resources));
    if (one.p && !write_offer_resource(c, offer, one))
        return false;
    for (size_t i = 0; i < value_count(several); i++)
        if (!write_offer_resource(c, offer, value_as_str(value_at(several, i))))
            return false;
    return true;
}

static struct str day_array(struct content *c, const struct value *days)
{
    int64_t n[7];
    size_t count = value_count(days);
    for (size_t i = 0; i < count && i < 7; i++)
        n[i] = value_at(days, i)->integer;
    return db_i64_array(c->a, n, count < 7 ? count : 7);
}

// Either listed, or every so often between two times as long as a slot ends by the second.
static struct str time_array(struct content *c, const struct value *rule, int64_t duration)
{
    enum { TIMES_MAX = 288 };
    struct str times[TIMES_MAX];
    size_t count = 0;
    const struct value *at = value_get(rule, KEY(at));
    for (size_t i = 0; i < value_count(at) && count < TIMES_MAX; i++)
        times[count++] = value_as_str(value_at(at, i));
    int from, to, every = (int)value_get_int(rule, KEY(every_min), 0);
    if (!at && every > 0 && time_parse(value_get_str(rule, KEY(from)), &from) &&
        time_parse(value_get_str(rule, KEY(to)), &to))
        for (int t = from; t + duration <= to && count < TIMES_MAX; t += every)
            times[count++] = time_text(c->a, t);
    return db_str_array(c->a, times, count);
}

static struct str code_array(struct content *c, const struct value *codes)
{
    enum { CODES_MAX = 32 };
    struct str all[CODES_MAX];
    size_t count = value_count(codes);
    if (!codes)
        return STR_NULL;
    check(count <= CODES_MAX);
    for (size_t i = 0; i < count; i++)
        all[i] = value_as_str(value_at(codes, i));
    return db_str_array(c->a, all, count);
}

static bool write_schedule(struct content *c, struct str offer, const struct value *v)
{
    const struct value *rules = value_get(v, KEY(schedule));
    int64_t duration = value_get_int(v, KEY(duration_min), 60);
    for (size_t i = 0; i < value_count(rules); i++) {
        const struct value *r = value_at(rules, i);
        if (tx_exec(c->tx, &SQL_blueprint_insert_rule, NULL, c->tenant, offer,
                day_array(c, value_get(r, KEY(days))), time_array(c, r, duration),
                code_array(c, value_get(r, KEY(rates))),
                number(c, value_get_int(r, KEY(every_weeks), 1)),
                number(c, value_get_int(r, KEY(week), 0))) != DB_OK)
            return false;
    }
    return true;
}

static bool write_places(struct content *c, struct str offer, const struct value *places)
{
    const struct value *rows = value_get(places, KEY(rows));
    int64_t per_row = value_get_int(places, KEY(per_row), 0), position = 0;
    for (size_t i = 0; i < value_count(rows); i++)
        for (int64_t n = 1; n <= per_row; n++) {
            struct str place =
                str_join(c->a, value_as_str(value_at(rows, i)), number(c, n), STR_NULL);
            if (tx_exec(c->tx, &SQL_blueprint_insert_place, NULL, c->tenant, offer, place,
                    number(c, position++)) != DB_OK)
                return false;
        }
    return true;
}

static struct str art_path(struct content *c, struct str file)
{
    return file.len ? str_join(c->a, c->art, STR("/"), file, STR_NULL) : STR_NULL;
}

static bool write_offer(struct content *c, const struct value *v, int64_t position)
{
    const struct value *sales = value_get(v, KEY(sales));
    const struct rows *rows;
    if (tx_exec(c->tx, &SQL_blueprint_insert_offer, &rows, c->tenant, value_get_str(v, KEY(slug)),
            value_get_str(v, KEY(kind)), db_bool(c->samples), value_get_str(v, KEY(category)),
            json(c, value_get(v, KEY(title))), json_or_empty(c, value_get(v, KEY(line))),
            json_or_empty(c, value_get(v, KEY(description))),
            art_path(c, value_get_str(v, KEY(image))),
            json_or_empty(c, value_get(v, KEY(image_alt))), value_get_str(v, KEY(tax)),
            number(c, value_get_int(v, KEY(duration_min), 0)),
            number(c, value_get_int(v, KEY(buffer_min), 0)),
            number(c, value_get_int(v, KEY(capacity), 0)),
            db_bool(value_get_bool(v, KEY(exclusive), false)),
            number(c, value_get_int(sales, KEY(min_per_order), 1)),
            number(c, value_get_int(sales, KEY(max_per_order), 20)),
            number(c, value_get_int(sales, KEY(opens_days_before), 60)),
            number(c, value_get_int(sales, KEY(closes_min_before), 0)),
            number(c, position)) != DB_OK)
        return false;
    struct str offer = rows_str(rows, 0, KEY(offer_id));
    return write_rates(c, offer, value_get(v, KEY(rates))) && write_offer_resources(c, offer, v) &&
           write_schedule(c, offer, v) && write_places(c, offer, value_get(v, KEY(places)));
}

static bool write_offers(struct content *c)
{
    const struct value *all = value_get(c->file, KEY(offers));
    for (size_t i = 0; i < value_count(all); i++) {
        c->at = str_z(c->a, value_get_str(value_at(all, i), KEY(slug)));
        if (!write_offer(c, value_at(all, i), (int64_t)i))
            return false;
    }
    return true;
}

bool content_write(struct content *c)
{
    c->at = "channels";
    return tx_exec(c->tx, &SQL_blueprint_insert_channels, NULL, c->tenant,
               value_get_str(c->file, KEY(registration))) == DB_OK &&
           tx_exec(c->tx, &SQL_blueprint_insert_profile, NULL, c->tenant) == DB_OK &&
           write_features(c) && write_taxes(c) && write_categories(c) && write_resources(c) &&
           write_offers(c);
}
