#include "web/storefront/story.h"

#include "http/markdown.h"
#include "web/storefront/card.h"

// Groups are small enough to say how small.
enum { GROUP_MAX = 30 };

static struct value *duration(struct request *r, int64_t minutes)
{
    struct value *v = value_object(r->arena);
    value_set_int(r->arena, v, KEY(minutes), minutes);
    value_set_str(r->arena, v, KEY(text), format_duration(r->arena, r->format, minutes));
    return v;
}

static struct value *tax_text(struct request *r, const struct catalogue_offer *o)
{
    struct arena *a = r->arena;
    if (!o->tax_ppm || !o->rate_count)
        return NULL;
    struct str key =
        o->tax_included ? STR("storefront.offer.tax_included") : STR("storefront.offer.tax_added");
    return value_str(a, message(a, r->words, key, "name", value_str(a, o->tax_name), "rate",
                            value_str(a, format_percent(a, r->format, o->tax_ppm)), NULL));
}

static struct value *rates(struct request *r, const struct catalogue_offer *o)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < o->rate_count; i++) {
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(code), o->rates[i].code);
        value_set_str(a, v, KEY(name), o->rates[i].name);
        value_set(a, v, KEY(note), o->rates[i].note.p ? value_str(a, o->rates[i].note) : NULL);
        value_set(a, v, KEY(price),
            format_money_value(a, r->format, o->rates[i].price_minor, r->site->currency));
    }
    return list;
}

struct value *story_value(struct request *r, const struct catalogue_offer *o, int64_t now_us)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool is_group = !o->card.exclusive && o->capacity <= GROUP_MAX;
    card_add(r, now_us, &o->card, v);
    value_set(a, v, KEY(duration), duration(r, o->duration_min));
    value_set(a, v, KEY(place), o->place.p ? value_str(a, o->place) : NULL);
    value_set(a, v, KEY(group), is_group ? value_int(a, o->capacity) : NULL);
    value_set(a, v, KEY(rates), rates(r, o));
    value_set_bool(a, v, KEY(has_rates), o->rate_count > 0);
    value_set(a, v, KEY(tax_text), tax_text(r, o));
    value_set_str(a, v, KEY(description_html), markdown_html(a, o->description));
    return v;
}
