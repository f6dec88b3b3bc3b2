#include "web/office/mail_group.h"

#include "http/respond.h"

static const char other[] = "other";
const char *const mail_groups[] = {"bookings", "money", "accounts", "staff", other, NULL};

const char *mail_group_of(struct str key)
{
    static const struct {
        const char *begins, *group;
    } rules[] = {{"returned_money", "money"}, {"refund_", "money"}, {"order_", "bookings"},
        {"booking_", "bookings"}, {"returned_", "bookings"}, {"customer_", "accounts"},
        {"person_", "accounts"}, {"staff_", "staff"}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (str_starts(key, str_of(rules[i].begins)))
            return rules[i].group;
    return other;
}

struct str mail_group_title(const struct request *r, const char *group)
{
    struct str key = str_join(r->arena, STR("office.mails.group."), str_of(group), STR_NULL);
    return message(r->arena, r->words, key, NULL);
}
