#include <stdio.h>
#include <string.h>

#include "data/db.h"
#include "http/openapi.h"
#include "io/fiber.h"
#include "main/command.h"

int command_openapi(const struct config *c, int argc, char **argv)
{
    (void)c;
    bool site = argc == 1 && strcmp(argv[0], "site") == 0;
    if (!site && (argc != 1 || strcmp(argv[0], "platform") != 0)) {
        fprintf(stderr, "usage: vitrine openapi site|platform\n");
        return 2;
    }
    struct arena *a = fiber_arena();
    struct value *document = openapi_document(a, site ? OPENAPI_SITE : OPENAPI_PLATFORM, NULL);
    printf("%s\n", str_z(a, db_json(a, document)));
    return 0;
}
