// Mails: rendered from their templates in the order's language, sent through SMTP or written to the
// outbox folder, once per job.
#pragma once

#include "data/jobs.h"
#include "domain/notification.h"
#include "domain/order.h"
#include "http/request.h"

// Registers the job kinds mail.*.
void mail_start(void);

struct mail {
    struct str plugin, key; // of the notification; "core" for our own, such as "order"
    struct str to, to_name;
    struct str subject, text, html;
    const struct mime_attachment *attachments;
    size_t attachment_count;
    struct str logo;            // a PNG that the html shows; set by mail_render
    struct str unsubscribe_url; // of mail that one may have no more of; absent: it isn't
    bool of_platform; // to its operators: from the platform, and not in the site's own list
};
// JOB_DONE, or why not; from a job's fiber.
enum job_result mail_send(struct request *r, struct job *job, const struct mail *mail);

// Plain colours for a mail's view, because mail programs read no stylesheet.
struct value *mail_palette(struct arena *a, const struct site *site);
// The job that sends what features want to say (NOTIFICATION_JOB).
void mail_notice_start(void);
// What the platform tells people of a site, and its operators.
void mail_letter_start(void);
// The one that says that a payment was given back.
void mail_refund_start(void);
// The one that says what was cancelled and what comes back, and how.
void mail_return_start(void);
// The one that says that a booked time was moved.
void mail_moved_start(void);

// The core's own notifications, from web/mail/notifications.json; false with what is wrong in it.
struct source_error;
bool mail_words_load(struct arena *a, const char *home, struct source_error *e);
// The words of a notification: the venue's own or the built-in ones, with the values of the moment.
struct feature_notification;
struct notice;
struct mail_words {
    struct str plugin;
    const struct feature_notification *declared;
    struct notification_own own;
    const struct value *variables, *site;
};
bool mail_words_make(struct request *r, const struct mail_words *words, struct notice *out);
enum mail_words_result {
    MAIL_WORDS_MADE,
    MAIL_WORDS_OFF,   // the venue doesn't send this mail
    MAIL_WORDS_LATER, // the database
};
// Of one of the core's, with the variables that the view names.
enum mail_words_result mail_words_of_core(
    struct request *r, const char *key, struct value *view, struct notice *out);
// The job that makes the link to a new password.
void mail_staff_start(void);
// Those of customers' accounts.
void mail_customer_start(void);
// The invitation of a verified person.
void mail_person_start(void);

// A request that nobody sent, for rendering pages and mails of a site outside one.
struct request *mail_request(struct arena *a, struct site *site, struct str language);
// Does a job about the order of its payload's order_id: `send` writes to whoever has an address;
// without the order or the address there is nothing to do.
typedef enum job_result (*mail_order_send)(
    struct job *job, struct site *site, const struct order *o);
enum job_result mail_about_order(struct job *job, mail_order_send send);
// The subject, HTML and text of a template pair; false when a template is broken.
bool mail_render(struct request *r, const char *name, struct value *view, struct mail *mail);
