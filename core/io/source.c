#include "io/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PATHS_MAX = 10000, TREE_DEPTH_MAX = 12 };

struct str source_error_text(struct arena *a, const struct source_error *e)
{
    if (!e->line)
        return str_format(a, "%.*s: %.*s", STR_ARG(e->file), STR_ARG(e->text));
    return str_format(a, "%.*s:%d: %.*s", STR_ARG(e->file), e->line, STR_ARG(e->text));
}

bool source_refuse(
    struct arena *a, struct source_error *e, struct str file, int line, const char *format, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    *e = (struct source_error){
        .file = str_dup(a, file), .line = line, .text = str_dup(a, str_of(text))};
    return false;
}

static struct str read_open(struct arena *a, FILE *f, const char *path, struct source_error *e)
{
    struct stat st;
    if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > SOURCE_LEN_MAX) {
        source_refuse(a, e, str_of(path), 0, "must be a file of at most %d bytes", SOURCE_LEN_MAX);
        return STR_NULL;
    }
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    struct str text = str_n(p, fread(p, 1, (size_t)st.st_size, f));
    if (ferror(f)) {
        source_refuse(a, e, str_of(path), 0, "can't be read");
        return STR_NULL;
    }
    if (!str_utf8_valid(text)) {
        source_refuse(a, e, str_of(path), 0, "isn't UTF-8: save it in that encoding");
        return STR_NULL;
    }
    return text;
}

struct str source_read(struct arena *a, const char *path, struct source_error *e)
{
    FILE *f = fopen(path, "rbe");
    if (!f) {
        source_refuse(a, e, str_of(path), 0, "can't be opened: %s", strerror(errno));
        return STR_NULL;
    }
    struct str text = read_open(a, f, path, e);
    fclose(f);
    return text;
}

struct walk {
    struct arena *arena;
    struct str suffix;
    struct source_list list;
    size_t room;
};

static void add_path(struct walk *w, struct str path)
{
    if (w->list.count == PATHS_MAX)
        return;
    if (w->list.count == w->room) {
        size_t room = w->room ? w->room * 2 : 64;
        w->list.paths = arena_grow(
            w->arena, w->list.paths, w->room * sizeof *w->list.paths, room * sizeof *w->list.paths);
        w->room = room;
    }
    w->list.paths[w->list.count++] = path;
}

static void walk_into(struct walk *w, const char *dir, struct str relative, int depth)
{
    DIR *d = depth < TREE_DEPTH_MAX ? opendir(dir) : NULL;
    for (struct dirent *entry; d && (entry = readdir(d));) {
        struct str name = str_of(entry->d_name);
        if (name.p[0] == '.' || str_is(name, "node_modules"))
            continue;
        const char *path = str_join(w->arena, str_of(dir), STR("/"), name, STR_NULL).p;
        struct str below = relative.len ? str_join(w->arena, relative, STR("/"), name, STR_NULL)
                                        : str_dup(w->arena, name);
        struct stat st;
        if (stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode))
            walk_into(w, path, below, depth + 1);
        else if (S_ISREG(st.st_mode) && str_ends(name, w->suffix))
            add_path(w, below);
    }
    if (d)
        closedir(d);
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct source_list source_walk(struct arena *a, const char *dir, struct str suffix)
{
    struct walk w = {.arena = a, .suffix = suffix};
    walk_into(&w, dir, STR(""), 0);
    if (w.list.count)
        qsort(w.list.paths, w.list.count, sizeof *w.list.paths, by_path);
    return w.list;
}
