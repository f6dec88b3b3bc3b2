#include "base/check.h"
#include "base/json.h"
#include "http/message_entry.h"

struct messages *messages_new(struct arena *a)
{
    struct messages *m = arena_new_object(a, struct messages);
    m->arena = a;
    m->languages[m->language_count++] = (struct catalogue){m, STR("en"), NULL};
    return m;
}

static struct catalogue *language_exact(const struct messages *m, struct str lang)
{
    for (size_t i = 0; i < m->language_count; i++)
        if (str_ieq(m->languages[i].lang, lang))
            return (struct catalogue *)&m->languages[i];
    return NULL;
}

static void *grow_zeroed(struct arena *a, void *p, size_t old_size, size_t new_size)
{
    char *grown = arena_grow(a, p, old_size, new_size);
    memset(grown + old_size, 0, new_size - old_size);
    return grown;
}

static struct entry *entries_of_room(
    struct messages *m, struct entry *old, uint32_t old_room, uint32_t room)
{
    return grow_zeroed(m->arena, old, old_room * sizeof *old, room * sizeof *old);
}

static message_id add_id(struct messages *m, struct str key)
{
    value_key name = value_key_intern(key);
    if (name >= m->names_room) {
        uint32_t room = (name + 1024) & ~1023u;
        m->by_name = grow_zeroed(
            m->arena, m->by_name, m->names_room * sizeof *m->by_name, room * sizeof *m->by_name);
        m->names_room = room;
    }
    if (m->by_name[name])
        return m->by_name[name];
    if (m->count + 1 >= m->room) {
        uint32_t room = m->room ? m->room * 2 : 1024;
        m->keys = grow_zeroed(m->arena, m->keys, m->room * sizeof *m->keys, room * sizeof *m->keys);
        for (size_t i = 0; i < m->language_count; i++)
            m->languages[i].entries = entries_of_room(m, m->languages[i].entries, m->room, room);
        m->room = room;
    }
    message_id id = ++m->count;
    m->keys[id] = value_key_name(name);
    m->by_name[name] = id;
    return id;
}

struct str message_escaped(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, SOURCE_LEN_MAX * 8);
    buf_add_html(&b, s);
    return buf_str(&b);
}

static bool add_entry(
    struct catalogue *c, struct str file, struct str key, struct str text, struct source_error *e)
{
    struct messages *m = c->messages;
    if (!text.p)
        return source_refuse(m->arena, e, file, 0, "%.*s must be a text", STR_ARG(key));
    message_id id = add_id(m, key);
    struct entry *entry = &c->entries[id];
    if (entry->kind)
        return source_refuse(
            m->arena, e, file, 0, "%.*s is already there: choose another key", STR_ARG(key));
    bool plain = str_index(text, '{') < 0 && str_index(text, '}') < 0;
    *entry = (struct entry){.kind = plain ? ENTRY_PLAIN : ENTRY_UNPARSED, .home = c, .text = text};
    if (plain)
        entry->html = message_escaped(m->arena, text);
    return true;
}

static bool add_file(
    struct messages *m, struct str file, struct str lang, struct str prefix, struct source_error *e)
{
    struct str text = source_read(m->arena, str_z(m->arena, file), e);
    struct json_error bad;
    if (!text.p)
        return false;
    struct value *all = json_parse(m->arena, text, JSON_ANY_KEYS, &bad);
    if (!all)
        return source_refuse(m->arena, e, file, bad.line, "%.*s", STR_ARG(bad.text));
    if (all->kind != VALUE_OBJECT)
        return source_refuse(m->arena, e, file, 1, "must be one object of keys and texts");
    struct catalogue *c = language_exact(m, lang);
    if (!c) {
        if (m->language_count == MESSAGE_LANGUAGES_MAX)
            return source_refuse(m->arena, e, file, 0, "is one language too many");
        c = &m->languages[m->language_count++];
        *c = (struct catalogue){m, str_dup(m->arena, lang), entries_of_room(m, NULL, 0, m->room)};
    }
    for (uint32_t i = 0; i < all->object.count; i++) {
        struct str key =
            str_join(m->arena, prefix, value_key_name(all->object.fields[i].key), STR_NULL);
        if (!add_entry(c, file, key, value_as_str(all->object.fields[i].value), e))
            return false;
    }
    return true;
}

bool messages_add_dir(
    struct messages *m, const char *dir, struct str prefix, struct source_error *e)
{
    struct source_list files = source_walk(m->arena, dir, STR(".json"));
    for (size_t i = 0; i < files.count; i++) {
        struct str name = files.paths[i];
        if (str_index(name, '/') >= 0)
            continue;
        struct str file = str_join(m->arena, str_of(dir), STR("/"), name, STR_NULL);
        if (!add_file(m, file, str_sub(name, 0, name.len - 5), prefix, e))
            return false;
    }
    return true;
}

bool messages_add_tree(struct messages *m, const char *dir, struct source_error *e)
{
    struct str top = str_of(dir);
    struct source_list files = source_walk(m->arena, dir, STR("en.json"));
    for (size_t i = 0; i < files.count; i++) {
        if (!str_ends(files.paths[i], STR("locales/en.json")))
            continue;
        struct str folder = str_sub(files.paths[i], 0, files.paths[i].len - STR("/en.json").len);
        struct str path = str_join(m->arena, top, STR("/"), folder, STR_NULL);
        if (!messages_add_dir(m, path.p, STR(""), e))
            return false;
    }
    return true;
}

void messages_finish(struct messages *m)
{
    struct catalogue *english = &m->languages[0];
    for (message_id id = 1; id <= m->count; id++) {
        struct entry *source = &english->entries[id];
        if (!source->kind)
            *source = (struct entry){ENTRY_PLAIN, 0, NULL, m->keys[id], {.html = m->keys[id]}};
        for (size_t i = 1; i < m->language_count; i++)
            if (!m->languages[i].entries[id].kind)
                m->languages[i].entries[id] = *source;
    }
}

void messages_fini(struct messages *m)
{
    for (size_t i = 0; i < m->language_count; i++)
        for (message_id id = 1; id <= m->count; id++)
            if (m->languages[i].entries[id].kind == ENTRY_ICU)
                icu_message_free(m->languages[i].entries[id].icu);
}

struct catalogue *messages_language(const struct messages *m, struct str lang)
{
    struct str rest = lang;
    struct catalogue *c = language_exact(m, lang);
    c = c ? c : language_exact(m, str_cut(&rest, '-'));
    return c ? c : (struct catalogue *)&m->languages[0];
}

bool messages_has_language(const struct messages *m, struct str lang)
{
    return language_exact(m, lang) != NULL;
}

struct str catalogue_lang(const struct catalogue *c)
{
    return c->lang;
}

message_id message_find(const struct messages *m, struct str key)
{
    value_key name = value_key_find(key);
    return name && name < m->names_room ? m->by_name[name] : 0;
}

struct str message_key(const struct messages *m, message_id id)
{
    check(id && id <= m->count);
    return m->keys[id];
}

static struct value *names_of(struct arena *a, struct str pattern)
{
    char names[ICU_ARGUMENTS_MAX][ICU_NAME_ROOM];
    size_t count = icu_message_names(pattern.p, pattern.len, names, ICU_ARGUMENTS_MAX);
    struct value *list = value_list(a);
    for (size_t i = 0; i < count; i++) {
        struct value *name = value_str(a, str_dup(a, str_of(names[i])));
        uint32_t at = list->list.count;
        value_append(a, list, name);
        for (; at && str_cmp(list->list.items[at - 1]->str, name->str) > 0; at--)
            list->list.items[at] = list->list.items[at - 1];
        list->list.items[at] = name;
    }
    return list;
}

struct value *message_arguments(struct arena *a, const struct messages *m, message_id id)
{
    const struct entry *english = &m->languages[0].entries[id];
    return english->kind == ENTRY_PLAIN ? value_list(a) : names_of(a, english->text);
}

static void report(struct arena *a, struct value *problems, const struct catalogue *c,
    message_id id, const char *what)
{
    value_append(a, problems,
        value_str(a, str_format(a, "%.*s: %.*s %s", STR_ARG(c->lang),
                         STR_ARG(c->messages->keys[id]), what)));
}

static void check_entry(
    struct arena *a, const struct catalogue *c, message_id id, struct value *problems)
{
    const struct messages *m = c->messages;
    const struct entry *entry = &c->entries[id];
    char error[ICU_ERROR_ROOM];
    if (entry->home != c) {
        if (entry->home)
            report(a, problems, c, id, "is missing");
        else if (c == &m->languages[0])
            report(a, problems, c, id, "is missing, another language has it");
        return;
    }
    if (entry->kind == ENTRY_PLAIN) {
        if (str_find(entry->text, STR("''")) >= 0)
            report(a, problems, c, id, "has no argument, so write one apostrophe");
    } else {
        struct icu_message *parsed =
            icu_message_new(entry->text.p, entry->text.len, str_z(a, c->lang), error);
        if (!parsed)
            report(a, problems, c, id, error);
        icu_message_free(parsed);
    }
    struct value *names = entry->kind == ENTRY_PLAIN ? value_list(a) : names_of(a, entry->text);
    if (m->languages[0].entries[id].home && !value_equal(names, message_arguments(a, m, id)))
        report(a, problems, c, id, "has other arguments than in English");
}

struct value *messages_check(struct arena *a, const struct messages *m)
{
    struct value *problems = value_list(a);
    for (size_t i = 0; i < m->language_count; i++)
        for (message_id id = 1; id <= m->count; id++)
            check_entry(a, &m->languages[i], id, problems);
    return problems;
}
