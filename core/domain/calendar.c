#include "domain/calendar.h"

#include <stdlib.h>

#include <libical/ical.h>

#include "base/check.h"

// libical escapes and folds; control characters, which no reader expects, go before it.
static const char *clean(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= ' ' ? c != 0x7f : c == '\n')
            p[len++] = (char)c;
    }
    p[len] = 0;
    return p;
}

static struct icaltimetype utc(int64_t at_us)
{
    return icaltime_from_timet_with_zone(at_us / 1000000, 0, icaltimezone_get_utc_timezone());
}

static void add_text(
    icalcomponent *c, struct arena *a, struct str text, icalproperty *(*property_new)(const char *))
{
    if (text.len)
        icalcomponent_add_property(c, property_new(clean(a, text)));
}

static icalcomponent *event_of(
    struct arena *a, const struct calendar *c, const struct calendar_event *e)
{
    icalcomponent *event = icalcomponent_new_vevent();
    add_text(event, a, e->uid, icalproperty_new_uid);
    icalcomponent_add_property(event, icalproperty_new_dtstamp(utc(c->stamp_us)));
    icalcomponent_add_property(event, icalproperty_new_dtstart(utc(e->start_us)));
    icalcomponent_add_property(event, icalproperty_new_dtend(utc(e->end_us)));
    add_text(event, a, e->summary, icalproperty_new_summary);
    add_text(event, a, e->location, icalproperty_new_location);
    add_text(event, a, e->description, icalproperty_new_description);
    add_text(event, a, e->url, icalproperty_new_url);
    icalcomponent_add_property(event, icalproperty_new_sequence(e->sequence));
    icalcomponent_add_property(event,
        icalproperty_new_status(e->cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    icalcomponent_add_property(event,
        icalproperty_new_transp(e->cancelled ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
    return event;
}

static bool all_cancelled(const struct calendar *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!c->events[i].cancelled)
            return false;
    return c->count > 0;
}

struct str calendar_ics(struct arena *a, const struct calendar *c)
{
    icalcomponent *calendar = icalcomponent_new_vcalendar();
    icalcomponent_add_property(calendar, icalproperty_new_version("2.0"));
    icalcomponent_add_property(calendar, icalproperty_new_prodid("-//Vitrine//Tickets//EN"));
    icalcomponent_add_property(calendar, icalproperty_new_calscale("GREGORIAN"));
    icalcomponent_add_property(calendar,
        icalproperty_new_method(all_cancelled(c) ? ICAL_METHOD_CANCEL : ICAL_METHOD_PUBLISH));
    if (c->name.len) {
        icalproperty *name = icalproperty_new_x(clean(a, c->name));
        icalproperty_set_x_name(name, "X-WR-CALNAME");
        icalcomponent_add_property(calendar, name);
    }
    for (size_t i = 0; i < c->count; i++)
        icalcomponent_add_component(calendar, event_of(a, c, &c->events[i]));
    char *text = icalcomponent_as_ical_string_r(calendar);
    check(text);
    struct str out = str_dup(a, str_of(text));
    free(text);
    icalcomponent_free(calendar);
    return out;
}
