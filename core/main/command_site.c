#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/blueprint.h"
#include "io/fiber.h"
#include "main/command.h"
#include "main/command_site.sql.h"

static int usage(void)
{
    fprintf(stderr,
        "usage: vitrine site create SLUG KIND NAME EMAIL   (password on standard input)\n"
        "       vitrine site demo FOLDER                   (every demo site that is missing)\n"
        "       vitrine site suspend SLUG | resume SLUG\n"
        "       vitrine site export SLUG FILE              (the whole site, for another "
        "installation)\n"
        "       vitrine site import FILE [--slug NAME]\n");
    return 2;
}

static const char *result_text(enum blueprint_result result)
{
    switch (result) {
    case BLUEPRINT_DONE:
        return "done";
    case BLUEPRINT_TAKEN:
        return "that address is taken";
    case BLUEPRINT_LOOKALIKE:
        return "that address looks like another site's";
    case BLUEPRINT_BROKEN:
        return "its file has a mistake; the log names it";
    case BLUEPRINT_UNAVAILABLE:
        return "the database didn't do it; the log says why";
    }
    return "";
}

static struct str site_url(struct arena *a, const struct config *c, struct str slug)
{
    return str_join(a, c->public_https ? STR("https://") : STR("http://"), slug, STR("."), c->host,
        c->public_port, STR_NULL);
}

static bool load_demo(struct arena *a, const struct config *c, struct str folder,
    const struct value *file, struct value *list)
{
    const struct value *manager = value_get(file, KEY(manager));
    struct blueprint_site s = {.slug = value_get_str(file, KEY(slug)),
        .name = value_get_str(file, KEY(name)),
        .currency = value_get_str(file, KEY(currency)),
        .time_zone = value_get_str(file, KEY(time_zone)),
        .languages = value_get(file, KEY(languages)),
        .owner_name = value_get_str(manager, KEY(name)),
        .owner_email = value_get_str(manager, KEY(email)),
        .owner_password = value_get_str(manager, KEY(password)),
        .practice = true};
    if (!s.slug.len || !s.name.len || !s.owner_email.len) {
        fprintf(stderr, "vitrine: %s/site.json lacks slug, name or manager\n", folder.p);
        return false;
    }
    enum blueprint_result result = blueprint_load(a, &s, file);
    if (result != BLUEPRINT_DONE && result != BLUEPRINT_TAKEN) {
        fprintf(stderr, "vitrine: %s: %s\n", folder.p, result_text(result));
        return false;
    }
    struct value *item = value_append_object(a, list), *login = value_object(a);
    value_set_str(a, item, KEY(slug), s.slug);
    value_set_str(a, item, KEY(url), site_url(a, c, s.slug));
    value_set(a, item, KEY(manager), login);
    value_set_str(a, login, KEY(email), s.owner_email);
    value_set_str(a, login, KEY(password), s.owner_password);
    return true;
}

static int demo(const struct config *c, const char *path)
{
    struct arena *a = fiber_arena();
    struct str *names, folder = str_of(path);
    size_t count = file_list(a, folder, &names);
    struct value *list = value_list(a);
    for (size_t i = 0; i < count; i++) {
        struct json_error error;
        struct str text, dir = str_join(a, folder, STR("/"), names[i], STR_NULL);
        struct str file = str_join(a, dir, STR("/site.json"), STR_NULL);
        if (!file_exists(file))
            continue;
        if (!file_read(a, file, 1 << 20, &text))
            return 1;
        const struct value *v = json_parse(a, text, JSON_ANY_KEYS, &error);
        if (!v) {
            fprintf(stderr, "vitrine: %s:%d: %s\n", file.p, error.line, error.text.p);
            return 1;
        }
        if (!load_demo(a, c, dir, v, list))
            return 1;
    }
    printf("%s\n", str_z(a, db_json(a, list)));
    return 0;
}

static struct str read_password(struct arena *a)
{
    char line[256];
    if (!fgets(line, sizeof line, stdin))
        return STR_NULL;
    return str_dup(a, str_trim(str_of(line)));
}

static int create(const struct config *c, char **argv)
{
    struct arena *a = fiber_arena();
    struct str password = read_password(a);
    struct value *file = blueprint_read(a, str_of(c->home), STR("blueprints"), str_of(argv[1]));
    if (!file) {
        fprintf(stderr, "vitrine: there is no kind '%s' in tenants/blueprints\n", argv[1]);
        return 1;
    }
    if (password.len < 10) {
        fprintf(stderr, "vitrine: give a password of at least 10 characters on standard input\n");
        return 1;
    }
    struct blueprint_site s = {.slug = str_of(argv[0]),
        .name = str_of(argv[2]),
        .currency = value_get_str(file, KEY(currency)),
        .time_zone = value_get_str(file, KEY(time_zone)),
        .languages = value_get(file, KEY(languages)),
        .owner_name = str_of(argv[3]),
        .owner_email = str_of(argv[3]),
        .owner_password = password,
        .practice = true,
        .samples = true};
    enum blueprint_result result = blueprint_load(a, &s, file);
    if (result != BLUEPRINT_DONE) {
        fprintf(stderr, "vitrine: %s: %s\n", argv[0], result_text(result));
        return 1;
    }
    printf("%s\n", site_url(a, c, s.slug).p);
    return 0;
}

static int set_state(const char *slug, const char *state)
{
    struct arena *a = fiber_arena();
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_command_set_site_state, str_of(slug), str_of(state));
    unit_add(u, &SQL_command_touch_site, str_of(slug));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->affected) {
        fprintf(stderr, "vitrine: there is no site '%s'\n", slug);
        return 1;
    }
    return 0;
}

int command_site(const struct config *c, int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[0], "create") == 0)
        return create(c, argv + 1);
    if (argc == 2 && strcmp(argv[0], "demo") == 0)
        return demo(c, argv[1]);
    if (argc == 2 && strcmp(argv[0], "suspend") == 0)
        return set_state(argv[1], "suspended");
    if (argc == 2 && strcmp(argv[0], "resume") == 0)
        return set_state(argv[1], "open");
    if (argc > 0 && strcmp(argv[0], "export") == 0)
        return command_site_export(c, argc - 1, argv + 1);
    if (argc > 0 && strcmp(argv[0], "import") == 0)
        return command_site_import(c, argc - 1, argv + 1);
    return usage();
}
