// Manifests that lie: each kind of lie stops the start and names file and field. The plugin is
// written to a folder of its own, with one thing changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "plug/plug.h"
#include "plug/plugin.h"

static struct arena *a;
static struct str home;

static const char manifest[] =
    "{\n"
    "  \"name\": \"probe\",\n"
    "  \"title\": {\"en\": \"Probe\", \"fr\": \"Sonde\", \"es\": \"Sonda\"},\n"
    "  \"section\": \"selling\",\n"
    "  \"summary\": {\"en\": \"It probes.\", \"fr\": \"Elle sonde.\", \"es\": \"Sondea.\"},\n"
    "  \"version\": \"1.0.0\",\n"
    "  \"api\": 1,\n"
    "  \"language\": \"lua\",\n"
    "  \"requires\": [],\n"
    "  \"conflicts\": [],\n"
    "  \"permissions\": [\"plugin_pages\"],\n"
    "  \"settings\": {\n"
    "    \"limit\": {\"type\": \"integer\", \"title\": {\"en\": \"L\", \"fr\": \"L\", \"es\": "
    "\"L\"},\n"
    "      \"default\": 5, \"minimum\": 0, \"maximum\": 9},\n"
    "    \"way\": {\"type\": \"choice\", \"title\": {\"en\": \"W\", \"fr\": \"W\", \"es\": "
    "\"W\"},\n"
    "      \"default\": \"up\", \"enum\": [\n"
    "        {\"value\": \"up\", \"title\": {\"en\": \"U\", \"fr\": \"U\", \"es\": \"U\"}},\n"
    "        {\"value\": \"down\", \"title\": {\"en\": \"D\", \"fr\": \"D\", \"es\": \"D\"}}]}\n"
    "  },\n"
    "  \"hooks\": [\"tenders\"],\n"
    "  \"routes\": [{\"summary\": \"A list\", \"method\": \"GET\", \"surface\": \"office\", "
    "\"path\": \"/list\",\n"
    "    \"handler\": \"list\", \"permission\": \"plugin_pages\",\n"
    "    \"fields\": [{\"name\": \"page\", \"kind\": \"int\"}]}],\n"
    "  \"office_tabs\": [{\"title\": {\"en\": \"P\", \"fr\": \"P\", \"es\": \"P\"}, \"path\": "
    "\"/list\"}],\n"
    "  \"jobs\": [\"sweep\"],\n"
    "  \"notifications\": [{\"key\": \"found\", \"variables\": {\"what\": \"gold\"},\n"
    "    \"title\": {\"en\": \"F\", \"fr\": \"F\", \"es\": \"F\"}}],\n"
    "  \"personal\": [{\"table\": \"person\", \"rows\": \"customer\", \"erase\": \"blank\", "
    "\"fields\": [\"name=\"]}]\n"
    "}\n";

static const char code[] = "return {\n"
                           "  hooks = { tenders = function() end },\n"
                           "  routes = { list = function() end },\n"
                           "  jobs = { sweep = function() end },\n"
                           "}\n";

static const char sql[] =
    "-- name: give\nSELECT name FROM plugin_probe.person WHERE tenant_id = $1 AND name = $2;\n"
    "-- name: take\nDELETE FROM plugin_probe.person WHERE tenant_id = $1 AND name = $2;\n";

static const char mail[] = "Found\n\nWe found {{what}} at {{site.name}}.\n";

static void write_file(const char *relative, struct str text)
{
    struct str path = str_join(a, home, STR("/plugins/probe/"), str_of(relative), STR_NULL);
    for (size_t i = 1; i < path.len; i++)
        if (path.p[i] == '/')
            mkdir(str_z(a, str_sub(path, 0, i)), 0755);
    assert_true(file_write(path, text, 0644));
}

// The file's text with its first `find` replaced.
static struct str changed(const char *text, const char *find, const char *put)
{
    struct str all = str_of(text);
    ptrdiff_t at = str_find(all, str_of(find));
    if (at < 0)
        fail_msg("no '%s' in the text", find);
    return str_join(a, str_sub(all, 0, (size_t)at), str_of(put),
        str_sub(all, (size_t)at + strlen(find), all.len), STR_NULL);
}

static bool load(struct source_error *e)
{
    struct messages *messages = messages_new(a);
    struct plug_parts parts = {
        .home = home, .messages = messages, .templates = template_set_new(a, messages, NULL)};
    unsetenv("VITRINE_TEST_PLUGINS");
    bool ok = plug_load(a, &parts, e);
    messages_fini(messages);
    return ok;
}

enum file { MANIFEST, CODE, SQL, MAIL };

static const char *const paths[] = {
    [MANIFEST] = "plugin.json",
    [CODE] = "plugin.lua",
    [SQL] = "sql/probe.sql",
    [MAIL] = "notifications/found.fr.md",
};
static const char *const texts[] = {
    [MANIFEST] = manifest, [CODE] = code, [SQL] = sql, [MAIL] = mail};

static void write_all(void)
{
    for (int i = 0; i < 4; i++)
        write_file(paths[i], str_of(texts[i]));
    write_file("notifications/found.en.md", str_of(mail));
    write_file("notifications/found.es.md", str_of(mail));
}

struct lie {
    enum file file;
    const char *find, *put;
    const char *names; // file and field of the complaint
};

static const struct lie lies[] = {
    {MANIFEST, "\"api\": 1,", "\"api\": 1", "plugin.json:8: "},
    {MANIFEST, "\"api\": 1", "\"api\": 2", "plugin.json: api: must be 1"},
    {MANIFEST, "\"name\": \"probe\"", "\"name\": \"prober\"", "plugin.json: name: must be probe"},
    {MANIFEST, "\"version\": \"1.0.0\",", "", "plugin.json: version: is missing"},
    {MANIFEST, "1.0.0", "1.0", "plugin.json: version: "},
    {MANIFEST, "\"requires\": []", "\"require\": []",
        "plugin.json: require: there is no such field"},
    {MANIFEST, "\"requires\": []", "\"requires\": {}", "plugin.json: requires: must be a list"},
    {MANIFEST, "\"requires\": []", "\"requires\": [\"other\"]",
        "requires: there is no plugin other"},
    {MANIFEST, "\"requires\": []", "\"requires\": [\"probe\"]",
        "requires: names the plugin itself"},
    {MANIFEST, "\"conflicts\": []", "\"conflicts\": [\"A B\"]", "conflicts: item 1 is no name"},
    {MANIFEST, "\"selling\"", "\"games\"", "plugin.json: section: "},
    {MANIFEST, "\"lua\"", "\"perl\"", "plugin.json: language: "},
    {MANIFEST, "\"es\": \"Sonda\"", "\"de\": \"Sonde\"", "plugin.json: title.es: is missing"},
    {MANIFEST, "[\"plugin_pages\"]", "[]", "permissions: plugin_pages is missing"},
    {MANIFEST, "[\"plugin_pages\"]", "[\"plugin_pages\", \"public\"]",
        "permissions: no route names public"},
    {MANIFEST, "[\"plugin_pages\"]", "[\"fly\"]", "permissions: there is no permission fly"},
    {MANIFEST, "\"default\": 5", "\"default\": 50", "settings.limit.default: "},
    {MANIFEST, "\"default\": 5, ", "", "settings.limit.default: is missing"},
    {MANIFEST, "\"default\": 5", "\"default\": \"5\"", "settings.limit.default: isn't of the"},
    {MANIFEST, "\"minimum\": 0", "\"minimum\": 10", "settings.limit.maximum: leaves no number"},
    {MANIFEST, "\"minimum\": 0", "\"maxLength\": 3", "settings.limit.maxLength: doesn't belong"},
    {MANIFEST, "\"minimum\": 0", "\"minimum\": 0.5",
        "settings.limit.minimum: must be a whole number"},
    {MANIFEST, "\"type\": \"integer\"", "\"type\": \"real\"", "settings.limit.type: "},
    {MANIFEST, "\"default\": \"up\"", "\"default\": \"left\"", "settings.way.default: "},
    {MANIFEST, "{\"value\": \"down\"", "{\"valu\": \"down\"", "settings.way.enum[1].valu: "},
    {MANIFEST, "[\"tenders\"]", "[]", "plugin.lua: returns the function hooks.tenders"},
    {MANIFEST, "[\"tenders\"]", "[\"tenders\", \"obligations\"]",
        "plugin.json: hooks: plugin.lua returns no function hooks.obligations"},
    {MANIFEST, "[\"tenders\"]", "[\"tender\"]", "plugin.json: hooks: there is no hook tender"},
    {MANIFEST, "[\"tenders\"]", "[\"tenders\", \"tenders\"]", "hooks: tenders stands twice"},
    {MANIFEST, "\"handler\": \"list\"", "\"handler\": \"show\"",
        "plugin.lua: returns the function routes.list"},
    {MANIFEST, "\"method\": \"GET\"", "\"method\": \"LOOK\"", "routes[0].method: "},
    {MANIFEST, "\"surface\": \"office\"", "\"surface\": \"roof\"", "routes[0].surface: "},
    {MANIFEST, "\"path\": \"/list\",", "\"path\": \"list\",", "routes[0].path: "},
    {MANIFEST, "\"permission\": \"plugin_pages\"", "\"permission\": \"public\"",
        "routes[0].permission: "},
    {MANIFEST, "\"kind\": \"int\"", "\"kind\": \"float\"", "routes[0].fields[0].kind: "},
    {MANIFEST, "\"kind\": \"int\"", "\"kind\": \"choice\"", "routes[0].fields[0].choices: "},
    {MANIFEST, "\"path\": \"/list\"}]", "\"path\": \"/lost\"}]", "office_tabs[0].path: "},
    {MANIFEST, "[\"sweep\"]", "[\"sweep\", \"mop\"]",
        "plugin.json: jobs: plugin.lua returns no function jobs.mop"},
    {MANIFEST, "[\"sweep\"]", "[]", "plugin.lua: returns the function jobs.sweep"},
    {MANIFEST, "\"key\": \"found\"", "\"key\": \"lost\"",
        "notifications/lost.en.md: can't be opened"},
    {MANIFEST, "\"what\": \"gold\"", "\"which\": \"gold\"", "found.en.md: {{what}} isn't among"},
    {MANIFEST, "\"what\": \"gold\"", "\"what\": 3", "notifications[0].variables.what: "},
    {MANIFEST, "\"rows\": \"customer\"", "\"rows\": \"family\"",
        "personal[0].rows: is neither a way"},
    {MANIFEST, "\"erase\": \"blank\"", "\"erase\": \"burn\"", "personal[0].erase: must be"},
    {MANIFEST, "[\"name=\"]", "[\"name; drop\"]", "personal[0].fields: item 1 is no column"},
    {MANIFEST, "[\"name=\"]", "[]", "personal[0].fields: is empty"},
    {CODE, "return {", "return { loose = function() end,",
        "plugin.lua: returns the function loose"},
    {CODE, "return {", "retrun {", "plugin.lua: "},
    {CODE, "return {", "local x = nil + 1 return {", "plugin.lua: "},
    {CODE, "return {", "while true do end return {", "plugin.lua: "},
    {CODE, "return {", "db.read('give') return {", "plugin.lua: "},
    {SQL, "tenant_id = $1 AND name = $2", "name = $2",
        "probe.sql:1: statement give doesn't name the site"},
    {SQL, "SELECT name", "SELECT set_config('a', 'b', true), name",
        "probe.sql:1: statement give changes settings"},
    {SQL, "-- name: take", "-- name: give", "probe.sql:3: statement give stands twice"},
    {SQL, "-- name: give\n", "", "probe.sql:1: text before"},
    {MAIL, "{{what}}", "{{who}}", "found.fr.md: {{who}} isn't among"},
    {MAIL, "{{what}}", "{{what", "found.fr.md: "},
    {MAIL, "Found\n\n", "\n", "found.fr.md:1: "},
};

static void every_lie_is_named(void **state)
{
    struct source_error e;
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        const struct lie *l = &lies[i];
        write_all();
        write_file(paths[l->file], changed(texts[l->file], l->find, l->put));
        if (load(&e))
            fail_msg("'%s' for '%s' was believed", l->put, l->find);
        struct str text = source_error_text(a, &e);
        if (str_find(text, str_of(l->names)) < 0)
            fail_msg("'%s' for '%s': %s", l->put, l->find, text.p);
        assert_true(str_find(e.file, STR("/plugins/probe/")) > 0);
    }
}

static void the_truth_is_loaded(void **state)
{
    struct source_error e;
    (void)state;
    write_all();
    if (!load(&e))
        fail_msg("%s", source_error_text(a, &e).p);
    const struct plugin *p = plugin_find(STR("probe"));
    assert_non_null(p);
    assert_non_null(plugin_statement(p, STR("give")));
    assert_null(plugin_statement(p, STR("giv")));
    assert_int_equal(plugin_statement(p, STR("take"))->params, 2);
    const struct feature_info *info = feature_info_find(STR("probe"));
    assert_int_equal(info->setting_count, 2);
    assert_string_equal(info->tabs[0].path.p, "/manage/x/probe/list");
    assert_false(info->owes);
    plugins_forget();
}

static void write_other(const char *name, const char *requires)
{
    struct str path = str_join(a, STR("../"), str_of(name), STR("/"), STR_NULL);
    struct str text = str_format(a,
        "{\"name\": \"%s\", \"title\": {\"en\": \"T\", \"fr\": \"T\", \"es\": \"T\"}, \"summary\": "
        "{\"en\": \"S\", \"fr\": \"S\", \"es\": \"S\"}, \"section\": \"door\", \"version\": "
        "\"1.0.0\", \"api\": 1, \"language\": \"lua\", \"requires\": [%s]}",
        name, requires);
    write_file(str_join(a, path, STR("plugin.json"), STR_NULL).p, text);
    write_file(str_join(a, path, STR("plugin.lua"), STR_NULL).p, STR("return {}"));
}

static void order_is_requirements_then_names(void **state)
{
    static const char *const order[] = {"bee", "cow", "ant", "probe", "dog"};
    struct source_error e;
    (void)state;
    write_all();
    write_other("ant", "\"cow\"");
    write_other("bee", "");
    write_other("cow", "");
    write_other("dog", "\"probe\", \"ant\"");
    if (!load(&e))
        fail_msg("%s", source_error_text(a, &e).p);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(feature_info_at(i)->name.p, order[i]);
    plugins_forget();
    write_other("cow", "\"dog\"");
    assert_false(load(&e));
    assert_true(str_find(source_error_text(a, &e), STR("in a circle")) > 0);
}

static int setup(void **state)
{
    char folder[] = "/tmp/vitrine-plug-XXXXXX";
    (void)state;
    a = arena_new();
    home = str_dup(a, str_of(mkdtemp(folder)));
    return home.p ? 0 : -1;
}

static void remove_tree(struct str folder)
{
    struct str *names;
    size_t count = file_list(a, folder, &names);
    for (size_t i = 0; i < count; i++) {
        struct str path = str_join(a, folder, STR("/"), names[i], STR_NULL);
        if (file_is_folder(path))
            remove_tree(path);
        else
            unlink(path.p);
    }
    rmdir(folder.p);
}

static int teardown(void **state)
{
    (void)state;
    remove_tree(home);
    arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lie_is_named),
        cmocka_unit_test(the_truth_is_loaded),
        cmocka_unit_test(order_is_requirements_then_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
