// The mails that every site sends, as notifications like those of the features: their words stand
// in web/mail/notifications/KEY.LANGUAGE.md, and each venue may write its own.
#include "base/json.h"
#include "base/log.h"
#include "domain/notification.h"
#include "http/notice.h"
#include "plug/manifest.h"
#include "web/mail/mail.h"

bool mail_words_load(struct arena *a, const char *home, struct source_error *e)
{
    static struct feature_info core = {.name = {"core", 4}};
    static const struct str names[] = {
        {"Every site", 10}, {"Tous les sites", 14}, {"Todos los sitios", 16}};
    struct value *title = value_object(a);
    value_set_str(a, title, KEY(en), names[0]);
    value_set_str(a, title, KEY(fr), names[1]);
    value_set_str(a, title, KEY(es), names[2]);
    core.title = title;
    struct json_error bad;
    struct manifest_reader r = {.arena = a, .e = e, .name = core.name};
    r.folder = str_join(a, str_of(home), STR("/web/mail"), STR_NULL);
    r.file = str_join(a, r.folder, STR("/notifications.json"), STR_NULL);
    struct str text = source_read(a, r.file.p, e);
    if (!text.p)
        return false;
    const struct value *list = json_parse(a, text, JSON_ANY_KEYS, &bad);
    if (!list)
        return source_refuse(a, e, r.file, bad.line, "%.*s", STR_ARG(bad.text));
    notification_core_set(&core);
    return manifest_notifications(&r, list, &core);
}

static bool fill(struct request *r, const struct mail_words *w, const struct notification_own *own,
    struct notice *out)
{
    struct source_error why;
    struct notification_text text = notification_text_in(r->site, w->declared, own, r->language);
    struct notice_words words = {.subject = text.subject,
        .body = text.body,
        .variables = w->variables,
        .site = w->site,
        .language = r->words};
    if (notice_render(r->arena, &words, out, &why))
        return true;
    log_warn("the words of a notification can't be read", "plugin", w->plugin, "key",
        w->declared->key, "why", source_error_text(r->arena, &why));
    return false;
}

// The venue's own words were checked when they were saved; should they fail all the same, the
// built-in ones go out.
bool mail_words_make(struct request *r, const struct mail_words *w, struct notice *out)
{
    struct notification_own none = {.texts = NULL};
    return fill(r, w, &w->own, out) || fill(r, w, &none, out);
}

enum mail_words_result mail_words_of_core(
    struct request *r, const char *key, struct value *view, struct notice *out)
{
    struct mail_words w = {.plugin = STR("core"),
        .variables = value_get(view, KEY(variables)),
        .site = value_get(view, KEY(site))};
    w.declared = feature_notification_find(notification_sender(w.plugin), str_of(key));
    if (!w.declared || !notification_load(r->arena, r->site, w.plugin, w.declared->key, &w.own))
        return MAIL_WORDS_LATER;
    if (!w.own.enabled)
        return MAIL_WORDS_OFF;
    return mail_words_make(r, &w, out) ? MAIL_WORDS_MADE : MAIL_WORDS_LATER;
}
