#include <stdio.h>
#include <string.h>

#include "domain/feature.h"
#include "io/fiber.h"
#include "main/command.h"

static int usage(void)
{
    fprintf(stderr, "usage: vitrine feature SITE NAME on|off   (and what it needs)\n");
    return 2;
}

static void print_names(const char *words, const struct feature_info *const *list, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(stderr, "%s %.*s", i ? "," : words, STR_ARG(list[i]->name));
    if (count)
        fprintf(stderr, "\n");
}

static int say(const struct feature_outcome *o, const char *name)
{
    const struct feature_look *look = &o->look;
    switch (o->result) {
    case FEATURE_DONE:
    case FEATURE_UNCHANGED:
        return 0;
    case FEATURE_WAITS:
        printf("%s waits for approval\n", name);
        return 0;
    case FEATURE_CLOSES:
        printf("%s closes: it owes something still\n", name);
        return 0;
    case FEATURE_UNKNOWN:
        fprintf(stderr, "vitrine: there is no feature '%s'\n", name);
        return 1;
    case FEATURE_NEEDS:
        print_names("vitrine: it needs", look->also_on, look->also_count);
        return 1;
    case FEATURE_CONFLICTS:
        print_names("vitrine: it conflicts with", look->conflicts, look->conflict_count);
        return 1;
    case FEATURE_NEEDED:
        print_names("vitrine: it is needed by", look->needed_by, look->needed_count);
        return 1;
    case FEATURE_NOT_IN_PLAN:
        fprintf(stderr, "vitrine: the site's plan leaves out %.*s\n", STR_ARG(look->outside->name));
        return 1;
    case FEATURE_LACKS:
        fprintf(stderr, "vitrine: nothing provides %.*s\n", STR_ARG(look->lacks));
        return 1;
    case FEATURE_UNCONFIRMED:
    case FEATURE_INVALID:
    case FEATURE_EDITED:
    case FEATURE_BUSY:
    case FEATURE_UNAVAILABLE:
        break;
    }
    fprintf(stderr, "vitrine: the database didn't do it; the log says why\n");
    return 1;
}

int command_feature(const struct config *config, int argc, char **argv)
{
    static const struct feature_actor command_line = {
        .kind = {"system", 6}, .name = {"command line", 12}};
    struct arena *a = fiber_arena();
    struct site *site;
    (void)config;
    if (argc != 3 || (strcmp(argv[2], "on") != 0 && strcmp(argv[2], "off") != 0))
        return usage();
    if (site_acquire(str_of(argv[0]), &site) != SITE_FOUND) {
        fprintf(stderr, "vitrine: there is no site '%s'\n", argv[0]);
        return 1;
    }
    struct str name = str_of(argv[1]);
    struct feature_outcome o = strcmp(argv[2], "on") == 0
                                   ? feature_switch_on(a, site, name, &command_line, true)
                                   : feature_switch_off(a, site, name, &command_line);
    site_release(site);
    return say(&o, argv[1]);
}
