#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "domain/password.h"
#include "domain/staff.h"
#include "io/fiber.h"
#include "main/command.h"

static int fail(const char *why)
{
    fprintf(stderr, "vitrine: %s\n", why);
    return 1;
}

static int create(struct str email, bool manager)
{
    char line[PASSWORD_MAX + 2];
    struct str password = fgets(line, sizeof line, stdin) ? str_trim(str_of(line)) : STR("");
    if (!str_utf8_valid(password) || str_utf8_count(password) < PASSWORD_MIN) {
        fprintf(stderr, "vitrine: give a password of at least %d characters on standard input\n",
            PASSWORD_MIN);
        return 1;
    }
    struct str role = manager ? STR("account_manager") : STR("operator");
    if (!staff_add_operator(fiber_arena(), email, role, password))
        return fail("the database didn't do it; the log says why");
    printf("%s\n", email.p);
    return 0;
}

static int remove_one(struct str email)
{
    switch (staff_remove_operator(fiber_arena(), email)) {
    case STAFF_REMOVED:
        printf("%s\n", email.p);
        return 0;
    case STAFF_REMOVED_NONE:
        return fail("there is nobody of that address at the console");
    case STAFF_REMOVED_LAST:
        return fail("this is the last operator: make another one first");
    default:
        return fail("the database didn't do it; the log says why");
    }
}

int command_operator(const struct config *c, int argc, char **argv)
{
    (void)c;
    bool makes = argc >= 2 && strcmp(argv[0], "create") == 0;
    bool manager = makes && argc == 3 && strcmp(argv[2], "--account-manager") == 0;
    bool removes = argc == 2 && strcmp(argv[0], "remove") == 0;
    if (!removes && !manager && !(makes && argc == 2)) {
        fprintf(stderr, "usage: vitrine operator create EMAIL [--account-manager]"
                        "   (password on standard input)\n"
                        "       vitrine operator remove EMAIL\n");
        return 2;
    }
    struct str email = str_of(argv[1]);
    if (!str_utf8_valid(email) || !text_is_email(email)) {
        fprintf(stderr, "vitrine: '%s' is no e-mail address\n", argv[1]);
        return 1;
    }
    return removes ? remove_one(email) : create(email, manager);
}
