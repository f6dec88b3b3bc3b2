// `vitrine personal`: the register of personal data, for whoever answers for it.
#include <stdio.h>

#include "data/db.h"
#include "domain/feature_info.h"
#include "domain/personal.h"
#include "domain/personal_merge.h"
#include "io/fiber.h"
#include "main/command.h"

static const char *const ends[] = {
    [PERSONAL_KEEP] = "keep", [PERSONAL_BLANK] = "blank", [PERSONAL_DELETE] = "delete"};

static void add_names(struct arena *a, struct value *v, value_key key, const char *names)
{
    struct value *list = value_list(a);
    struct str rest = str_of(names);
    value_set(a, v, key, list);
    while (rest.p && rest.len)
        value_append(a, list, value_str(a, str_cut(&rest, ' ')));
}

static void add(struct arena *a, struct value *list, struct personal_list tables)
{
    for (size_t i = 0; i < tables.count; i++) {
        const struct personal_table *t = &tables.items[i];
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(table), str_of(t->table));
        value_set_str(a, v, KEY(rows), str_of(t->rows));
        value_set_str(a, v, KEY(erase), str_of(ends[t->end]));
        add_names(a, v, KEY(fields), t->fields);
        add_names(a, v, KEY(secret), t->secret);
        add_names(a, v, KEY(others), t->others);
        if (personal_merge_key(t->table))
            add_names(a, v, KEY(merge), personal_merge_key(t->table));
    }
}

int command_personal(const struct config *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    struct arena *a = fiber_arena();
    struct value *list = value_list(a);
    add(a, list, personal_core());
    for (size_t i = 0; i < feature_info_count(); i++)
        add(a, list, personal_of_feature(feature_info_at(i)));
    printf("%s\n", str_z(a, db_json(a, list)));
    return 0;
}
