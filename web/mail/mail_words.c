// The mails that every site sends, as notifications like those of the features: their words stand
// in web/mail/notifications/KEY.LANGUAGE.md, and each venue may write its own.
#include "base/json.h"
#include "domain/notification.h"
#include "plug/manifest.h"
#include "web/mail/mail.h"

bool mail_words_load(struct arena *a, const char *home, struct source_error *e)
{
    static struct feature_info core = {.name = {"core", 4}};
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
