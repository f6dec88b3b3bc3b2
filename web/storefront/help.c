// What customers ask (T37): how to reach the account, while there is one; where a booking is; what
// features have to say about themselves; whom to ask.
#include "domain/hook.h"
#include "http/markdown.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"

static struct value *add_topic(
    struct request *r, struct value *topics, struct str id, struct str title, struct str text)
{
    struct arena *a = r->arena;
    struct value *topic = value_append_object(a, topics);
    value_set_str(a, topic, KEY(id), id);
    value_set_str(a, topic, KEY(title), title);
    value_set_str(a, topic, KEY(html), markdown_html(a, text));
    value_set(a, topic, KEY(links), value_list(a));
    return topic;
}

static struct value *add_own(struct request *r, struct value *topics, const char *name)
{
    struct arena *a = r->arena;
    struct str id = str_of(name);
    struct str title = message(
        a, r->words, str_join(a, STR("storefront.help."), id, STR(".title"), STR_NULL), NULL);
    struct str text =
        message(a, r->words, str_join(a, STR("storefront.help."), id, STR(".text"), STR_NULL),
            "venue", value_str(a, r->site->name), NULL);
    return add_topic(r, topics, id, title, text);
}

static void add_link(struct request *r, struct value *topic, const char *label, const char *path)
{
    struct value *link = value_append_object(r->arena, value_get(topic, KEY(links)));
    value_set_str(r->arena, link, KEY(label), message(r->arena, r->words, str_of(label), NULL));
    value_set_str(r->arena, link, KEY(link_url), request_url(r, str_of(path)));
}

static void add_account(struct request *r, struct value *topics)
{
    struct value *topic = add_own(r, topics, "account");
    add_link(r, topic, "storefront.account.login", "/account/login");
    add_link(r, topic, "storefront.account.register", "/account/register");
}

static void add_features(struct request *r, struct value *topics)
{
    const struct value *found =
        hook_collect(r->arena, r->site, HOOK_help_topics, value_object(r->arena));
    for (size_t i = 0; i < value_count(found); i++) {
        const struct value *one = value_at(found, i);
        add_topic(r, topics, value_get_str(one, KEY(plugin)), value_get_str(one, KEY(title)),
            value_get_str(one, KEY(text)));
    }
}

void on_help(struct request *r)
{
    struct value *view = common_view(r, STR_NULL), *topics = value_list(r->arena);
    value_set(r->arena, view, KEY(topics), topics);
    if (r->site->login != SITE_LOGIN_NONE)
        add_account(r, topics);
    add_own(r, topics, "booking");
    add_features(r, topics);
    add_own(r, topics, "contact");
    respond_page(r, 200, "storefront/help", view);
}
