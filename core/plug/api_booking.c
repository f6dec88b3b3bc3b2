// vitrine.h: bookings by staff, looked at beforehand, made and moved.
#include "base/check.h"
#include "domain/customer.h"
#include "domain/order_rebook.h"
#include "domain/staff_booking.h"
#include "plug/api.h"

static bool number_of(const struct value *v, value_key field, int64_t *n)
{
    struct str text = value_get_str(v, field);
    *n = 0;
    return !text.len || (str_to_i64(text, n) && *n > 0);
}

// "2026-03-29T18:00".
static bool time_of(struct str text, struct local_time *out)
{
    int minute;
    bool good = text.len == 16 && text.p[10] == 'T' &&
                date_parse(str_sub(text, 0, 10), &out->date) &&
                time_parse(str_sub(text, 11, 16), &minute);
    out->second = good ? minute * 60 : 0;
    return good;
}

static bool ask_of(struct vt_call *c, const struct value *v, struct staff_ask *ask)
{
    const struct value *times = value_get(v, KEY(times)), *own = value_get(v, KEY(own));
    size_t count = value_count(times), own_count = value_count(own);
    if (!number_of(v, KEY(offer), &ask->offer) || !number_of(v, KEY(resource), &ask->resource))
        return api_fail(c, "offer and resource are ids");
    if (count > STAFF_BOOKING_TIMES_MAX || own_count > STAFF_BOOKING_TIMES_MAX)
        return api_fail(c, "give at most %d times", STAFF_BOOKING_TIMES_MAX);
    struct local_time *local = arena_new_array(c->arena, struct local_time, count + 1);
    int64_t *lines = arena_new_array(c->arena, int64_t, own_count + 1);
    for (size_t i = 0; i < count; i++)
        if (!time_of(value_as_str(value_at(times, i)), &local[i]))
            return api_fail(c, "a time is 2026-03-29T18:00");
    for (size_t i = 0; i < own_count; i++)
        if (!str_to_i64(value_as_str(value_at(own, i)), &lines[i]))
            return api_fail(c, "own are ids of lines");
    ask->quantity = value_get_int(v, KEY(quantity), 1);
    ask->times = local;
    ask->count = count;
    ask->own = lines;
    ask->own_count = own_count;
    return true;
}

static void add_time(
    struct vt_call *c, struct value *list, const struct value *asked, const struct staff_time *t)
{
    struct arena *a = c->arena;
    struct value *v = value_append_object(a, list);
    const char *obstacle = staff_obstacle_name(t->obstacle);
    value_set_str(a, v, KEY(time), value_as_str(asked));
    value_set_str(a, v, KEY(obstacle), obstacle ? str_of(obstacle) : STR_NULL);
    value_set_bool(a, v, KEY(twice), t->twice);
    value_set_str(a, v, KEY(slot), t->slot ? str_of_i64(a, t->slot) : STR_NULL);
    value_set_str(
        a, v, KEY(why), t->reason ? site_text_in(c->site, t->reason, c->language) : STR_NULL);
    if (t->starts_us)
        value_set_int(a, v, KEY(at_us), t->starts_us);
    if (t->opens_us)
        value_set_int(a, v, KEY(opens_us), t->opens_us);
}

struct vt_value *vt_booking_look(struct vt_call *c, struct vt_value *asked)
{
    struct staff_ask ask = {0};
    const struct value *times = value_get(api_value(asked), KEY(times));
    if (c->failure.p || !ask_of(c, api_value(asked), &ask))
        return NULL;
    struct staff_time *found = arena_new_array(c->arena, struct staff_time, ask.count + 1);
    enum order_result result = staff_booking_look(c->arena, c->site, &ask, found);
    if (result == ORDER_NOT_FOUND)
        return NULL;
    if (result != ORDER_DONE)
        return vt_fail(c, VT("the database doesn't answer"));
    api_speak(c);
    struct value *list = value_list(c->arena);
    for (size_t i = 0; i < ask.count; i++)
        add_time(c, list, value_at(times, i), &found[i]);
    return api_give(list);
}

static bool parts_of(struct vt_call *c, const struct value *given, struct staff_booking *booking)
{
    size_t count = value_count(given);
    if (!value_is(given, VALUE_LIST) || !count || count > ORDER_LINES_MAX)
        return api_fail(c, "give a list of 1 to %d parts", ORDER_LINES_MAX);
    struct staff_part *parts = arena_new_array(c->arena, struct staff_part, count);
    for (size_t i = 0; i < count; i++) {
        const struct value *part = value_at(given, i);
        parts[i].counts = value_get(part, KEY(counts));
        if (!number_of(part, KEY(slot), &parts[i].slot) || !parts[i].slot ||
            !number_of(part, KEY(resource), &parts[i].resource))
            return api_fail(c, "a part is {slot = id, resource = id, counts = {…}}");
    }
    booking->parts = parts;
    booking->count = (int)count;
    return true;
}

// Whose it is must be there by now; CUSTOMER_DONE without one too.
static enum customer_result check_customer(struct vt_call *c, int64_t customer)
{
    struct customer found;
    return customer ? customer_find(c->arena, c->site, customer, &found) : CUSTOMER_DONE;
}

static struct order_contact contact_of(struct vt_call *c, const struct value *v, int64_t customer)
{
    struct str language = value_get_str(v, KEY(language));
    return (struct order_contact){.name = value_get_str(v, KEY(name)),
        .email = value_get_str(v, KEY(email)),
        .phone = value_get_str(v, KEY(phone)),
        .language = site_speaks(c->site, language) ? language : c->site->languages[0],
        .customer = customer};
}

static struct vt_value *refusal(
    struct vt_call *c, const struct order_outcome *outcome, struct vt_str *refused)
{
    if (c->failure.p)
        return NULL;
    if (outcome->result != ORDER_REFUSED)
        return api_refused(c, outcome->result, refused);
    *refused = api_out(outcome->refusal.code.p ? outcome->refusal.code : STR("refused"));
    return NULL;
}

struct vt_value *vt_booking_make(
    struct vt_call *c, struct vt_value *what, struct vt_str *refused, int64_t *part)
{
    const struct value *v = api_value(what);
    struct api_guards guards = {c, value_get(v, KEY(guards))};
    struct order_actor actor = api_actor(c, STR_NULL);
    struct staff_booking booking = {.placing = {.tender = STR("venue"),
                                        .actor = &actor,
                                        .silent = value_get_bool(v, KEY(silent), false),
                                        .add_guards = api_add_guards,
                                        .arg = &guards}};
    struct order *o;
    int64_t customer;
    int refused_part;
    *refused = VT_NULL;
    *part = -1;
    if (c->failure.p || !parts_of(c, value_get(v, KEY(parts)), &booking))
        return NULL;
    if (!number_of(v, KEY(session), &booking.session) || !booking.session ||
        !number_of(v, KEY(customer), &customer))
        return vt_fail(c, VT("session and customer are numbers"));
    enum customer_result whose = check_customer(c, customer);
    if (whose != CUSTOMER_DONE)
        return api_refused(
            c, whose == CUSTOMER_GONE ? ORDER_NOT_FOUND : ORDER_UNAVAILABLE, refused);
    booking.contact = contact_of(c, v, customer);
    struct order_outcome outcome =
        staff_booking_make(c->arena, c->site, &booking, &o, &refused_part);
    *part = refused_part;
    return outcome.result == ORDER_DONE ? api_give(order_value(c->arena, c->site, o))
                                        : refusal(c, &outcome, refused);
}

static bool moves_of(struct vt_call *c, const struct value *given, struct order_rebooking *what)
{
    size_t count = value_count(given);
    if (!value_is(given, VALUE_LIST) || !count || count > ORDER_LINES_MAX)
        return api_fail(c, "give a list of 1 to %d lines", ORDER_LINES_MAX);
    struct rebook_line *lines = arena_new_array(c->arena, struct rebook_line, count);
    for (size_t i = 0; i < count; i++) {
        const struct value *line = value_at(given, i);
        if (!number_of(line, KEY(line), &lines[i].line) ||
            !number_of(line, KEY(slot), &lines[i].slot) ||
            !number_of(line, KEY(resource), &lines[i].resource))
            return api_fail(c, "a line is {line = id, slot = id, resource = id}");
    }
    what->lines = lines;
    what->count = (int)count;
    return true;
}

struct vt_value *vt_booking_move(struct vt_call *c, struct vt_value *asked, struct vt_str *refused)
{
    const struct value *v = api_value(asked);
    struct api_guards guards = {c, value_get(v, KEY(guards))};
    struct order_rebooking what = {
        .reason = value_get_str(v, KEY(reason)), .add = api_add_guards, .arg = &guards};
    int64_t id;
    enum order_result result = ORDER_NOT_FOUND;
    *refused = VT_NULL;
    if (c->failure.p || !moves_of(c, value_get(v, KEY(lines)), &what))
        return NULL;
    struct order *o =
        number_of(v, KEY(id), &id) ? order_find(c->arena, c->site, id, &result) : NULL;
    if (!o)
        return api_refused(c, result, refused);
    what.actor = api_actor(c, o->name);
    result = order_rebook(c->arena, c->site, o, &what);
    if (c->failure.p)
        return NULL;
    return result == ORDER_DONE ? vt_bool(c, true)
                                : refusal(c, &(struct order_outcome){.result = result}, refused);
}
