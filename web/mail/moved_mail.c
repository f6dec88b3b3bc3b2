// A booked time was moved: from when to when, with the tickets that stay good and the calendar file
// that replaces the earlier one. Or it takes place elsewhere: on which court, in which room. Or it
// was cancelled, and they choose what instead. And the time that they chose.
#include "data/jobs.h"
#include "domain/mime.h"
#include "domain/order_place.h"
#include "domain/slot_change_job.h"
#include "domain/slot_choice.h"
#include "http/notice.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/mail.h"
#include "web/storefront/order_documents.h"
#include "web/storefront/sale.h"

// Its job, and the notification whose opening words the venue may write itself. The others are
// those of "mail.moved.…" and so on, by the job's name.
static const struct kind {
    const char *job, *opening;
    bool tells_time; // the time isn't the one that it was
} kinds[] = {{SLOT_MOVED_MAIL, "booking_moved", true}, {SLOT_PLACED_MAIL, "booking_placed", false},
    {SLOT_ASKED_MAIL, "booking_asked", false}, {SLOT_CHOSEN_MAIL, "booking_chosen", false}};

struct bodies {
    struct request *r;
    const struct order *o;
    const struct value *news;
    const struct kind *kind;
    const struct slot_choice *choice; // NULL: there is nothing to choose
    int lines;
    struct buf text, html;
};

static struct str words(const struct bodies *b, const char *part, struct str from, struct str to)
{
    struct arena *a = b->r->arena;
    struct str key = str_join(a, str_of(b->kind->job), STR("."), str_of(part), STR_NULL);
    return message(a, b->r->words, key, "name", value_str(a, b->o->name), "venue",
        value_str(a, b->r->site->name), "code", value_str(a, b->o->code), "from",
        value_str(a, from), "to", value_str(a, to), NULL);
}

static void add(struct bodies *b, struct str paragraph)
{
    if (b->text.len)
        buf_add(&b->text, STR("\n\n"));
    buf_add(&b->text, paragraph);
    buf_add(&b->html, STR("<p>"));
    buf_add_html(&b->html, paragraph);
    buf_add(&b->html, STR("</p>"));
}

static bool was_moved(const struct bodies *b, int64_t line)
{
    const struct value *lines = value_get(b->news, KEY(lines));
    for (size_t i = 0; i < value_count(lines); i++)
        if (value_at(lines, i)->integer == line)
            return true;
    return false;
}

static void add_lines(struct bodies *b)
{
    struct arena *a = b->r->arena;
    for (int i = 0; i < b->o->count; i++) {
        const struct order_line *l = &b->o->lines[i];
        int64_t before = b->kind->tells_time ? l->moved_from_us : l->starts_us;
        if (!was_moved(b, l->id) || !before || !line_takes_capacity(l->state))
            continue;
        struct str from = value_get_str(sale_when_view(b->r, before), KEY(text));
        struct str to = value_get_str(sale_when_view(b->r, l->starts_us), KEY(text));
        struct str place = l->place.p ? str_join(a, STR(" · "), l->place, STR_NULL) : STR("");
        add(b, str_join(a, l->title, STR(" · "), words(b, "line", from, to), place, STR_NULL));
        b->lines++;
    }
}

// The opening words, which the venue may write itself.
static enum mail_words_result open_with(struct bodies *b, struct value *view, struct mail *mail)
{
    struct value *variables = value_object(b->r->arena);
    struct notice notice;
    value_set(b->r->arena, view, KEY(variables), variables);
    value_set_str(b->r->arena, variables, KEY(name), b->o->name);
    value_set_str(b->r->arena, variables, KEY(code), b->o->code);
    enum mail_words_result made = mail_words_of_core(b->r, b->kind->opening, view, &notice);
    if (made != MAIL_WORDS_MADE)
        return made;
    mail->subject = notice.subject;
    buf_add(&b->html, notice.html);
    buf_add(&b->text, notice.text);
    return made;
}

// What becomes of it now: it stays as it is, or they may choose, until then.
static struct str what_next(const struct bodies *b)
{
    struct arena *a = b->r->arena;
    if (!b->choice)
        return words(b, "keep", STR(""), STR(""));
    bool paid = b->o->total_minor - b->o->returned_minor > b->o->due_minor;
    struct str key = str_join(a, str_of(b->kind->job), STR(".choice"), STR_NULL);
    return message(a, b->r->words, key, "until",
        value_str(a, value_get_str(sale_when_view(b->r, b->choice->until_us), KEY(text))), "paid",
        value_str(a, paid ? STR("yes") : STR("no")), NULL);
}

static void add_action(const struct bodies *b, struct value *view)
{
    struct request *r = b->r;
    struct value *action = value_object(r->arena);
    struct str label = b->choice ? STR("mail.choice.open") : STR("mail.order.open");
    struct str path = b->choice ? sale_choice_path(r, b->o) : sale_order_path(r, b->o);
    value_set(r->arena, view, KEY(action), action);
    value_set_str(r->arena, action, KEY(label), message(r->arena, r->words, label, NULL));
    value_set_str(r->arena, action, KEY(action_url), request_absolute_url(r, path));
}

static struct value *view_of(struct bodies *b, struct mail *mail, enum mail_words_result *made)
{
    struct request *r = b->r;
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct str reason = value_get_str(b->news, KEY(reason));
    buf_init(&b->text, a, 64 * 1024);
    buf_init(&b->html, a, 128 * 1024);
    *made = open_with(b, view, mail);
    add_lines(b);
    if (reason.len)
        add(b, reason);
    add(b, what_next(b));
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    value_set_str(a, view, KEY(preheader), what_next(b));
    value_set_str(a, view, KEY(body_html), buf_str(&b->html));
    value_set_str(a, view, KEY(body_text), buf_str(&b->text));
    add_action(b, view);
    return view;
}

static const struct kind *kind_of(const struct job *job)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(job->kind, kinds[i].job))
            return &kinds[i];
    return kinds;
}

// The choice that goes with the change which the mail tells of. False: the database.
static bool find_choice(struct bodies *b)
{
    enum order_result result = ORDER_DONE;
    struct slot_choice *choices;
    int64_t change = 0;
    if (!str_to_i64(value_get_str(b->news, KEY(change_id)), &change))
        return true;
    int count = slot_choices(b->r->arena, b->r->site, b->o->id, &choices, &result);
    for (int i = 0; i < count; i++)
        if (choices[i].change == change && choices[i].open)
            b->choice = &choices[i];
    return result == ORDER_DONE;
}

static enum job_result send(struct job *job, struct site *site, const struct order *o)
{
    struct arena *a = fiber_arena();
    struct bodies b = {.r = mail_request(a, site, o->language),
        .o = o,
        .news = job->payload,
        .kind = kind_of(job)};
    struct mail mail = {
        .plugin = STR("core"), .key = STR("moved"), .to = o->email, .to_name = o->name};
    enum mail_words_result made;
    if (!find_choice(&b))
        return JOB_RETRY;
    struct value *view = view_of(&b, &mail, &made);
    if (made != MAIL_WORDS_MADE)
        return made == MAIL_WORDS_OFF ? JOB_DONE : JOB_RETRY;
    // Cancelled meanwhile: there is nothing to tell.
    if (!b.lines)
        return JOB_DONE;
    if (!mail_render(b.r, "notice", view, &mail))
        return JOB_FAILED;
    struct mime_attachment attachments[] = {
        {str_join(a, o->code, STR(".ics"), STR_NULL),
            STR("text/calendar; charset=utf-8; method=PUBLISH"), order_calendar(b.r, o)},
        {str_join(a, o->code, STR(".pdf"), STR_NULL), STR("application/pdf"),
            order_ticket_pdf(b.r, o)}};
    mail.attachments = attachments;
    mail.attachment_count = attachments[1].bytes.p ? 2 : 1;
    if (str_is(job->kind, SLOT_ASKED_MAIL))
        mail.attachment_count = 0; // of a time that isn't
    return mail_send(b.r, job, &mail);
}

static enum job_result run(struct job *job)
{
    return mail_about_order(job, send);
}

void mail_moved_start(void)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        job_handler(kinds[i].job, run);
}
