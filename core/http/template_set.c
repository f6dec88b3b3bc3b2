#include "base/check.h"
#include "base/hash.h"
#include "http/template_op.h"

struct template_set *template_set_new(
    struct arena *a, struct messages *messages, const struct assets *assets)
{
    struct template_set *set = arena_new_object(a, struct template_set);
    struct str icons = assets ? asset_url(assets, STR("icons.svg")) : STR("/assets/0/icons.svg");
    *set = (struct template_set){.arena = a, .messages = messages, .assets = assets};
    set->icon_start = str_join(a, STR("<svg class=\"icon\" aria-hidden=\"true\"><use href=\""),
        icons.p ? icons : STR("/assets/0/icons.svg"), STR("#"), STR_NULL);
    return set;
}

static struct slot **place_of(const struct template_set *set, struct str name)
{
    uint32_t i = (uint32_t)hash_bytes(name) & (set->room - 1);
    while (set->slots[i] && !str_eq(set->slots[i]->name, name))
        i = (i + 1) & (set->room - 1);
    return &set->slots[i];
}

struct slot *template_slot_find(const struct template_set *set, struct str name)
{
    return set->room ? *place_of(set, name) : NULL;
}

static void grow(struct template_set *set)
{
    struct slot **old = set->slots;
    uint32_t old_room = set->room;
    set->room = old_room ? old_room * 2 : 128;
    set->slots = arena_new_array(set->arena, struct slot *, set->room);
    for (uint32_t i = 0; i < old_room; i++)
        if (old[i])
            *place_of(set, old[i]->name) = old[i];
}

struct slot *template_slot_add(struct template_set *set, struct str name)
{
    if (set->count * 2 >= set->room)
        grow(set);
    struct slot *slot = arena_new_object(set->arena, struct slot);
    slot->name = name;
    slot->index = set->count++;
    *place_of(set, name) = slot;
    return slot;
}

// The job brings file, text, form and where errors go.
static bool add_named(struct template_set *set, struct str name, struct template_job job)
{
    if (job.text.len > TEMPLATE_LEN_MAX)
        return source_refuse(
            set->arena, job.error, job.file, 0, "is longer than %d bytes", TEMPLATE_LEN_MAX);
    struct slot *slot = template_slot_find(set, name);
    slot = slot ? slot : template_slot_add(set, str_dup(set->arena, name));
    job.arena = set->arena;
    job.set = set;
    job.slot = slot;
    const struct template *t = template_parse(&job);
    if (t)
        slot->template = t;
    return t != NULL;
}

bool template_set_add(struct template_set *set, struct str name, enum template_form form,
    struct str text, struct source_error *e)
{
    struct str file = str_dup(set->arena, name);
    return add_named(
        set, name, (struct template_job){.file = file, .text = text, .form = form, .error = e});
}

static bool add_matching(struct template_set *set, const char *dir, struct str prefix,
    struct str suffix, struct source_error *e)
{
    bool is_page = str_is(suffix, ".html");
    struct source_list files = source_walk(set->arena, dir, suffix);
    for (size_t i = 0; i < files.count; i++) {
        struct str path = files.paths[i];
        struct str stem = str_sub(path, 0, path.len - (is_page ? suffix.len : 0));
        struct template_job job = {
            .file = str_join(set->arena, str_of(dir), STR("/"), path, STR_NULL),
            .form = is_page ? TEMPLATE_PAGE : TEMPLATE_TEXT,
            .error = e};
        job.text = source_read(set->arena, str_z(set->arena, job.file), e);
        if (!job.text.p || !add_named(set, str_join(set->arena, prefix, stem, STR_NULL), job))
            return false;
    }
    return true;
}

bool template_set_add_tree(
    struct template_set *set, const char *dir, struct str prefix, struct source_error *e)
{
    return add_matching(set, dir, prefix, STR(".html"), e) &&
           add_matching(set, dir, prefix, STR(".txt"), e);
}

bool template_set_finish(struct template_set *set, bool lenient, struct source_error *e)
{
    for (uint32_t i = 0; i < set->room && !lenient; i++) {
        const struct slot *slot = set->slots[i];
        if (slot && !slot->template)
            return source_refuse(set->arena, e, slot->used_by, slot->used_line,
                "there is no template %.*s", STR_ARG(slot->name));
    }
    return true;
}

const struct template *template_find(const struct template_set *set, struct str name)
{
    const struct slot *slot = template_slot_find(set, name);
    return slot ? slot->template : NULL;
}

static bool has_argument(const struct message_use *use, struct str name)
{
    for (uint32_t i = 0; i < use->count; i++)
        if (str_eq(value_key_name(use->args[i].name), name))
            return true;
    return false;
}

static void check_use(struct arena *a, const struct template_set *set, const struct template *t,
    const struct message_use *use, struct value *problems)
{
    struct value *names = message_arguments(a, set->messages, use->id);
    for (size_t i = 0; i < value_count(names); i++) {
        struct str name = value_as_str(value_at(names, i));
        if (has_argument(use, name))
            continue;
        struct str key = message_key(set->messages, use->id);
        value_append(a, problems,
            value_str(a, str_format(a, "%.*s: message %.*s needs %.*s=path", STR_ARG(t->slot->name),
                             STR_ARG(key), STR_ARG(name))));
    }
}

struct value *template_set_check(struct arena *a, const struct template_set *set)
{
    struct value *problems = value_list(a);
    for (uint32_t i = 0; i < set->room; i++) {
        const struct template *t = set->slots[i] ? set->slots[i]->template : NULL;
        for (uint32_t n = 0; t && n < t->count; n++)
            if (t->ops[n].kind == OP_MESSAGE || t->ops[n].kind == OP_MESSAGE_RAW)
                check_use(a, set, t, t->ops[n].message, problems);
    }
    return problems;
}

struct template_overlay *template_overlay_new(struct arena *a, const struct template_set *set)
{
    struct template_overlay *overlay = arena_new_object(a, struct template_overlay);
    *overlay = (struct template_overlay){
        a, set, arena_new_array(a, const struct template *, set->count + 1)};
    return overlay;
}

bool template_overlay_add(
    struct template_overlay *overlay, struct str name, struct str text, struct source_error *e)
{
    struct slot *slot = template_slot_find(overlay->set, name);
    if (!slot || !slot->template)
        return source_refuse(overlay->arena, e, name, 0, "there is no page of this name");
    if (text.len > TEMPLATE_LEN_MAX || !str_utf8_valid(text))
        return source_refuse(
            overlay->arena, e, name, 0, "must be UTF-8 of at most %d bytes", TEMPLATE_LEN_MAX);
    // An override only finds slots, so the set stays as it is.
    struct template_job job = {.arena = overlay->arena,
        .set = (struct template_set *)overlay->set,
        .file = str_dup(overlay->arena, name),
        .text = text,
        .slot = slot,
        .form = slot->template->form,
        .is_override = true,
        .error = e};
    const struct template *t = template_parse(&job);
    if (t)
        overlay->by_slot[slot->index] = t;
    return t != NULL;
}
