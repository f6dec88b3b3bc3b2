// Which tables of a plugin have data about people (domain/personal.h).
#include "domain/personal.h"
#include "plug/manifest.h"

const struct manifest_rule manifest_personal_rules[] = {
    {"table", MANIFEST_TEXT, false, "its name, without the schema"},
    {"rows", MANIFEST_TEXT, false,
        "whose its rows are: `customer` (by `customer_id`), `order` (`order_id`), `line` "
        "(`line_id`), `session` (`session_id`), `address` (`email_folded`), `customer or "
        "address` (by either), `staff`, `nobody`; or another table of this list, by its name with "
        "`_id`"},
    {"erase", MANIFEST_TEXT, true,
        "what erasing a person does: `delete` the rows, `blank` the fields, `keep` (when absent)"},
    {"fields", MANIFEST_LIST, true,
        "what is about a person: `name` becomes NULL, `name=` empty, `data={}` that; `data~` is "
        "JSON that keeps its numbers only"},
    {"secret", MANIFEST_LIST, true, "columns that the person's export leaves out"},
    {"merge", MANIFEST_LIST, true,
        "for a table with `customer_id`: when two customers become one, its rows go over to the "
        "one "
        "who stays, and back when that is undone, whether the feature is on or off. The columns "
        "that, beside `customer_id`, tell a row from others (its number, a name); a row of which "
        "the one who stays has the same is dropped. Empty: one row a customer. Absent: nothing "
        "goes over, and what refers to the other one goes with it"},
    {"others", MANIFEST_LIST, true, "texts that say nothing of a person"},
    {0},
};

struct personal_reader {
    struct manifest_reader *r;
    const struct value *item;
    struct str at;
};

static bool is_column(struct str s)
{
    if (str_ends(s, STR("~")))
        s = str_sub(s, 0, s.len - 1);
    ptrdiff_t given = str_index(s, '=');
    if (given >= 0) {
        struct str value = str_sub(s, (size_t)given + 1, s.len);
        if (value.len && !str_is(value, "{}") && !str_is(value, "[]"))
            return false;
        s = str_sub(s, 0, (size_t)given);
    }
    return manifest_is_word(s);
}

// A list of columns as names kept apart by spaces; NULL when one is no name.
static const char *columns(const struct personal_reader *p, const char *name)
{
    struct arena *a = p->r->arena;
    const struct value *list = value_get(p->item, value_key_intern(str_of(name)));
    struct str all = STR("");
    for (size_t i = 0; i < value_count(list); i++) {
        struct str one = value_as_str(value_at(list, i));
        if (!is_column(one)) {
            manifest_refuse(
                p->r, manifest_field(p->r, p->at, str_of(name)), "item %zu is no column", i + 1);
            return NULL;
        }
        all = str_join(a, all, all.len ? STR(" ") : STR(""), one, STR_NULL);
    }
    return str_z(a, all);
}

static bool read_end(const struct personal_reader *p, enum personal_end *end)
{
    struct str erase = value_get_str(p->item, KEY(erase));
    *end = PERSONAL_KEEP;
    if (str_is(erase, "delete"))
        *end = PERSONAL_DELETE;
    else if (str_is(erase, "blank"))
        *end = PERSONAL_BLANK;
    else if (erase.p && !str_is(erase, "keep"))
        return manifest_refuse(
            p->r, manifest_field(p->r, p->at, STR("erase")), "must be delete, blank or keep");
    if (*end == PERSONAL_BLANK && !value_count(value_get(p->item, KEY(fields))))
        return manifest_refuse(p->r, manifest_field(p->r, p->at, STR("fields")), "is empty");
    return true;
}

static bool check_rows(
    const struct personal_reader *p, const struct value *list, struct str rows, struct str own)
{
    static const char *const ways[] = {"customer", "order", "line", "session", "address",
        "customer or address", "staff", "nobody"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (str_is(rows, ways[i]))
            return true;
    for (size_t i = 0; i < value_count(list); i++) {
        struct str table = value_get_str(value_at(list, i), KEY(table));
        if (str_eq(rows, table) && !str_eq(table, own))
            return true;
    }
    return manifest_refuse(p->r, manifest_field(p->r, p->at, STR("rows")),
        "is neither a way to find them nor another table of this list");
}

static bool read_table(
    const struct personal_reader *p, const struct value *list, struct personal_table *out)
{
    struct arena *a = p->r->arena;
    struct str table = value_get_str(p->item, KEY(table)), schema = str_dup(a, p->r->name);
    struct str rows = value_get_str(p->item, KEY(rows));
    if (!manifest_is_word(table))
        return manifest_refuse(p->r, manifest_field(p->r, p->at, STR("table")), "is no name");
    for (size_t i = 0; i < schema.len; i++)
        if (schema.p[i] == '-')
            ((char *)schema.p)[i] = '_';
    *out = (struct personal_table){
        .table = str_join(a, STR("plugin_"), schema, STR("."), table, STR_NULL).p,
        .rows = str_z(a, rows),
        .fields = columns(p, "fields"),
        .secret = columns(p, "secret"),
        .others = columns(p, "others")};
    return out->fields && out->secret && out->others && read_end(p, &out->end) &&
           check_rows(p, list, rows, table);
}

// Where `merge` is said, its rows follow a customer.
static bool read_follow(
    const struct personal_reader *p, const struct personal_table *table, struct feature_info *info)
{
    struct personal_follow *all = (struct personal_follow *)info->follows;
    if (!value_get(p->item, KEY(merge)))
        return true;
    const char *key = columns(p, "merge");
    if (key)
        all[info->follow_count++] = (struct personal_follow){table->table, key};
    return key != NULL;
}

bool manifest_personal(struct manifest_reader *r, const struct value *v, struct feature_info *info)
{
    size_t count = value_count(v);
    struct personal_table *all = arena_new_array(r->arena, struct personal_table, count + 1);
    info->follows = arena_new_array(r->arena, struct personal_follow, count + 1);
    info->follow_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct personal_reader p = {r, value_at(v, i), str_format(r->arena, "personal[%zu]", i)};
        if (!manifest_check(r, p.at, p.item, manifest_personal_rules) ||
            !read_table(&p, v, &all[i]) || !read_follow(&p, &all[i], info))
            return false;
    }
    info->personal = all;
    info->personal_count = count;
    return true;
}
