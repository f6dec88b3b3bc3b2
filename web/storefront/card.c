#include "web/storefront/card.h"

#include "web/picture.h"
#include "web/storefront/common.h"
#include "web/storefront/when.h"

// From here on a page says how many places are left.
enum { FEW = 5 };

struct str card_url(struct request *r, struct str slug)
{
    return request_url(r, str_join(r->arena, STR("/offers/"), slug, STR_NULL));
}

struct value *card_few(struct request *r, bool exclusive, int64_t left, int64_t capacity)
{
    bool few = !exclusive && left > 0 && left <= FEW && left < capacity;
    return few ? value_int(r->arena, left) : NULL;
}

void card_add(struct request *r, int64_t now_us, const struct catalogue_card *card, struct value *v)
{
    struct arena *a = r->arena;
    value_set_str(a, v, KEY(slug), card->slug);
    value_set_str(a, v, KEY(kind), card->kind);
    value_set_str(a, v, KEY(title), card->title);
    value_set_str(a, v, KEY(line), card->line);
    value_set_str(a, v, KEY(image_url), common_picture(r, card->image));
    value_set_str(a, v, KEY(image_srcset), picture_set(r, card->image));
    value_set_str(a, v, KEY(image_alt), card->image_alt.p ? card->image_alt : STR(""));
    value_set(a, v, KEY(category), common_category(r, card->category));
    bool has_price = card->from_minor > 0;
    value_set(a, v, KEY(from),
        has_price ? format_money_value(a, r->format, card->from_minor, r->site->currency) : NULL);
    value_set_bool(a, v, KEY(free), !has_price);
    value_set(a, v, KEY(soonest),
        card->soonest_us ? when_value(r, now_us, card->soonest_us, WHEN_NEAR) : NULL);
    value_set_bool(a, v, KEY(sold_out), card->sold_out);
}

struct value *card_value(struct request *r, int64_t now_us, const struct catalogue_card *card)
{
    struct value *v = value_object(r->arena);
    card_add(r, now_us, card, v);
    value_set_str(r->arena, v, KEY(offer_url), card_url(r, card->slug));
    return v;
}
