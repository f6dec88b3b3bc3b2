#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "domain/password.h"
#include "domain/staff.h"
#include "io/fiber.h"
#include "main/command.h"

int command_operator(const struct config *c, int argc, char **argv)
{
    (void)c;
    char line[PASSWORD_MAX + 2];
    bool manager = argc == 3 && strcmp(argv[2], "--account-manager") == 0;
    if ((argc != 2 && !manager) || strcmp(argv[0], "create") != 0) {
        fprintf(stderr, "usage: vitrine operator create EMAIL [--account-manager]"
                        "   (password on standard input)\n");
        return 2;
    }
    struct str email = str_of(argv[1]);
    if (!str_utf8_valid(email) || !text_is_email(email)) {
        fprintf(stderr, "vitrine: '%s' is no e-mail address\n", argv[1]);
        return 1;
    }
    struct str password = fgets(line, sizeof line, stdin) ? str_trim(str_of(line)) : STR("");
    if (!str_utf8_valid(password) || str_utf8_count(password) < PASSWORD_MIN) {
        fprintf(stderr, "vitrine: give a password of at least %d characters on standard input\n",
            PASSWORD_MIN);
        return 1;
    }
    struct str role = manager ? STR("account_manager") : STR("operator");
    if (!staff_add_operator(fiber_arena(), email, role, password)) {
        fprintf(stderr, "vitrine: the database didn't do it; the log says why\n");
        return 1;
    }
    printf("%s\n", argv[1]);
    return 0;
}
