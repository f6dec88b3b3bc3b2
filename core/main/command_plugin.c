#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "io/source.h"
#include "main/command.h"
#include "plug/manifest.h"
#include "plug/plug.h"

enum { FILE_MAX_BYTES = 1 << 20, WORDS = 4 };

static int usage(void)
{
    fprintf(stderr, "usage: vitrine plugin new NAME --lua|--c   a folder plugins/NAME that works\n"
                    "       vitrine plugin test NAME            build it and run its tests\n"
                    "       vitrine plugin manual               print plugins/README.md\n");
    return 2;
}

static int complain(struct arena *a, const struct source_error *e)
{
    fprintf(stderr, "vitrine: %s\n", source_error_text(a, e).p);
    return 1;
}

// A new plugin being made from the skeleton.
struct making {
    struct arena *arena;
    struct str skeleton, folder;
    struct {
        struct str mark, text;
    } words[WORDS];
};

static struct str with_words(struct making *m, struct str text)
{
    struct buf b;
    buf_init(&b, m->arena, FILE_MAX_BYTES);
    while (text.len) {
        ptrdiff_t at = str_index(text, '@');
        buf_add(&b, str_sub(text, 0, at < 0 ? text.len : (size_t)at));
        text = str_sub(text, at < 0 ? text.len : (size_t)at, text.len);
        size_t used = text.len ? 1 : 0;
        struct str put = str_sub(text, 0, used);
        for (int i = 0; i < WORDS; i++)
            if (str_starts(text, m->words[i].mark)) {
                used = m->words[i].mark.len;
                put = m->words[i].text;
            }
        buf_add(&b, put);
        text = str_sub(text, used, text.len);
    }
    return buf_str(&b);
}

static bool make_folders(struct arena *a, struct str path)
{
    for (size_t i = 1; i < path.len; i++)
        if (path.p[i] == '/' && mkdir(str_z(a, str_sub(path, 0, i)), 0755) && errno != EEXIST)
            return false;
    return true;
}

static bool copy_file(struct making *m, struct str dir, struct str relative)
{
    struct arena *a = m->arena;
    struct str text, from = str_join(a, dir, STR("/"), relative, STR_NULL);
    struct str to = str_join(a, m->folder, STR("/"), relative, STR_NULL);
    if (!file_read(a, from, FILE_MAX_BYTES, &text) || !make_folders(a, to) ||
        !file_write(to, with_words(m, text), 0644)) {
        fprintf(stderr, "vitrine: %s can't be written\n", to.p);
        return false;
    }
    return true;
}

static bool copy_tree(struct making *m, const char *part)
{
    struct str dir = str_join(m->arena, m->skeleton, STR("/"), str_of(part), STR_NULL);
    struct source_list files = source_walk(m->arena, dir.p, STR(""));
    for (size_t i = 0; i < files.count; i++)
        if (!copy_file(m, dir, files.paths[i]))
            return false;
    return true;
}

// "gift-cards" is "Gift cards" for people and plugin_gift_cards in the database.
static void choose_words(struct making *m, struct str name, const char *language)
{
    char *title = (char *)str_z(m->arena, name);
    char *schema = (char *)str_join(m->arena, STR("plugin_"), name, STR_NULL).p;
    title[0] = (char)(title[0] - 'a' + 'A');
    for (char *p = title; *p; p++)
        *p = *p == '-' ? ' ' : *p;
    for (char *p = schema; *p; p++)
        *p = *p == '-' ? '_' : *p;
    m->words[0].mark = STR("@name@");
    m->words[0].text = name;
    m->words[1].mark = STR("@title@");
    m->words[1].text = str_of(title);
    m->words[2].mark = STR("@schema@");
    m->words[2].text = str_of(schema);
    m->words[3].mark = STR("@language@");
    m->words[3].text = str_of(language);
}

// Where tests say, else beside the others.
static struct str new_folder(struct arena *a, struct str home, struct str name)
{
    const struct str *roots = plug_roots(a, home);
    return str_join(a, roots[1].p ? roots[1] : roots[0], STR("/"), name, STR_NULL);
}

static int make_new(const struct config *c, struct str name, const char *language)
{
    struct arena *a = arena_new();
    struct making m = {.arena = a,
        .skeleton = str_join(a, str_of(c->home), STR("/core/main/skeleton"), STR_NULL),
        .folder = new_folder(a, str_of(c->home), name)};
    int status = 1;
    if (!manifest_is_name(name))
        fprintf(stderr,
            "vitrine: a plugin's name is 2 to %d characters a-z, 0-9 and '-', a letter "
            "first\n",
            FEATURE_NAME_MAX);
    else if (file_exists(m.folder) || file_is_folder(m.folder))
        fprintf(stderr, "vitrine: %s is there already\n", m.folder.p);
    else {
        choose_words(&m, name, language);
        status = copy_tree(&m, "both") && copy_tree(&m, language) ? 0 : 1;
        if (!status)
            printf("%s\nTry it: vitrine plugin test %.*s\n", m.folder.p, STR_ARG(name));
    }
    arena_free(a);
    return status;
}

static int run(const char *program, char *const *args)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(program, args);
        fprintf(stderr, "vitrine: %s can't be run: %s\n", program, strerror(errno));
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

// The suite of the repository, narrowed to the plugin's files.
static int test(const struct config *c, struct str name)
{
    struct arena *a = arena_new();
    struct str tests =
        str_join(a, str_of(c->home), STR("/plugins/"), name, STR("/tests"), STR_NULL);
    struct str script = str_join(a, str_of(c->home), STR("/scripts/test"), STR_NULL);
    struct str filter = str_join(a, STR("plugins/"), name, STR("/"), STR_NULL);
    char *args[] = {(char *)script.p, "--plugins", (char *)filter.p, NULL};
    int status = 1;
    if (!manifest_is_name(name) || !file_is_folder(tests))
        fprintf(stderr, "vitrine: there is no folder %s\n", tests.p);
    else
        status = run(script.p, args);
    arena_free(a);
    return status;
}

static int manual(const struct config *c)
{
    struct arena *a = arena_new();
    struct source_error e;
    struct str text = plug_manual(a, str_of(c->home), &e);
    int status = text.p ? 0 : complain(a, &e);
    printf("%.*s", STR_ARG(text));
    arena_free(a);
    return status;
}

int command_plugin(const struct config *c, int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[0], "new") == 0 && strcmp(argv[2], "--lua") == 0)
        return make_new(c, str_of(argv[1]), "lua");
    if (argc == 3 && strcmp(argv[0], "new") == 0 && strcmp(argv[2], "--c") == 0)
        return make_new(c, str_of(argv[1]), "c");
    if (argc == 2 && strcmp(argv[0], "test") == 0)
        return test(c, str_of(argv[1]));
    if (argc == 1 && strcmp(argv[0], "manual") == 0)
        return manual(c);
    return usage();
}
