// Template text as a venue may type it: compiled as an override and rendered over a view, then
// compiled as a built-in with white space to the letter. Nothing may crash, leak or run away.
#include <stdlib.h>

#include "base/json.h"
#include "http/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char view_json[] =
    "{\"a\":{\"b\":{\"c\":\"<x>\"},\"text\":\"t\"},\"l\":[1,2.5,\"s\",[3],{\"b\":null}],\"t\":true,"
    "\"f\":false,\"n\":null,\"s\":\"line\\nline\\n\"}";

static struct arena *world;
static struct template_set *set;
static struct messages *messages;
static const struct value *view;

static void make_world(void)
{
    struct source_error e;
    struct json_error bad;
    world = arena_new();
    messages = messages_new(world);
    messages_finish(messages);
    view = json_parse(world, str_of(view_json), JSON_ANY_KEYS, &bad);
    set = template_set_new(world, messages, NULL);
    bool ok = template_set_add(set, STR("page"), TEMPLATE_EXACT, STR("page"), &e) &&
              template_set_add(set, STR("p"), TEMPLATE_EXACT,
                  STR("  {{$a}}\n  x {{b}}\n  {{/a}}\n{{>p2}}\n"), &e) &&
              template_set_add(set, STR("p2"), TEMPLATE_PAGE, STR("{{#l}}{{.}}\n{{/l}}"), &e) &&
              template_set_finish(set, false, &e);
    if (!ok)
        abort();
}

static void render(const struct template_overlay *overlay, const char *name)
{
    struct arena *a = arena_new();
    struct buf out;
    buf_init(&out, a, 1 << 20);
    struct template_input in = {view, messages_language(messages, STR("en")), overlay};
    enum template_outcome outcome = template_render(template_find(set, str_of(name)), &in, &out);
    if (outcome > TEMPLATE_FELL_BACK && out.len)
        abort();
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!world)
        make_world();
    struct source_error e = {0};
    struct arena *a = arena_new();
    struct template_overlay *overlay = template_overlay_new(a, set);
    struct str text = str_n(data, size);
    bool page = template_overlay_add(overlay, STR("page"), text, &e);
    bool partial = template_overlay_add(overlay, STR("p2"), text, &e);
    if (page || partial) {
        render(overlay, "page");
        render(overlay, "p");
    } else if (!e.text.len) {
        abort();
    }
    arena_free(a);
    return 0;
}
