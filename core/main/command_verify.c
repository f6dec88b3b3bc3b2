// `vitrine verify` and `vitrine ledger verify`: what has to hold between rows, proved.
#include <stdio.h>
#include <string.h>

#include "domain/invariant.h"
#include "main/command.h"

static bool there_is(PGconn *pg, const char *site)
{
    PGresult *r = owner_ask(pg, "SELECT count(*) FROM site WHERE slug = $1", &site, 1);
    bool found = r && owner_number(r, 0, 0) == 1;
    if (r && !found)
        fprintf(stderr, "vitrine: there is no site %s\n", site);
    PQclear(r);
    return found;
}

// Those from `first` on, of one site or all.
static int prove(struct arena *a, PGconn *pg, int first, const char *site)
{
    int broken = 0;
    if (site && !there_is(pg, site))
        return 1;
    // One moment for all of them, while sales go on.
    if (!owner_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "begin"))
        return 1;
    for (int i = first; i < invariant_count(); i++) {
        struct invariant found;
        if (!invariant_ask(a, pg, i, site, &found))
            return 1;
        printf("  %s  %s\n", found.broken ? "MEND " : "holds", found.words.p);
        broken += found.broken > 0;
        if (found.broken)
            printf("%lld contradict it:\n%s\n", (long long)found.broken, found.rows.p);
    }
    return broken ? 1 : 0;
}

static int run(const struct config *c, int first, const char *site)
{
    struct arena *a = arena_new();
    PGconn *pg = owner_connect(c->database_owner_url);
    int status = pg ? prove(a, pg, first, site) : 1;
    PQfinish(pg);
    arena_free(a);
    return status;
}

int command_verify(const struct config *c, int argc, char **argv)
{
    (void)argc, (void)argv;
    return run(c, 0, NULL);
}

int command_ledger(const struct config *c, int argc, char **argv)
{
    bool all = argc == 1, one = argc == 3 && strcmp(argv[1], "--site") == 0;
    if (argc < 1 || strcmp(argv[0], "verify") != 0 || (!all && !one)) {
        fprintf(stderr, "usage: vitrine ledger verify [--site SITE]\n");
        return 2;
    }
    return run(c, invariant_ledger(), one ? argv[2] : NULL);
}
