#include "web/office/settings/agent.h"

#include "web/office/settings/panel.h"

struct mark {
    const char *sign, *name;
};

// The first that fits: most browsers also call themselves by the names of others.
static const struct mark browsers[] = {{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox", "Firefox"},
    {"HeadlessChrome", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"}};
static const struct mark systems[] = {{"Android", "Android"}, {"iPhone", "iPhone"},
    {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}};

static const char *find(const struct mark *marks, size_t count, struct str agent)
{
    for (size_t i = 0; i < count; i++)
        if (str_find(agent, str_of(marks[i].sign)) >= 0)
            return marks[i].name;
    return NULL;
}

struct str agent_name(const struct request *r, struct str agent)
{
    const char *browser = find(browsers, sizeof browsers / sizeof *browsers, agent);
    const char *system = find(systems, sizeof systems / sizeof *systems, agent);
    if (browser && system)
        return str_join(r->arena, str_of(browser), STR(", "), str_of(system), STR_NULL);
    if (browser || system)
        return str_of(browser ? browser : system);
    return panel_words(r, "office.account.some_device");
}
