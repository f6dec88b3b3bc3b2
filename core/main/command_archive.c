#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/zone.h"
#include "data/db.h"
#include "domain/archive_file.h"
#include "domain/site_import.h"
#include "io/fiber.h"
#include "main/command.h"
#include "main/command_site.sql.h"
#include "main/version.h"

static int refuse(const char *what, struct str why)
{
    fprintf(stderr, "vitrine: %s: %.*s\n", what, STR_ARG(why));
    return 1;
}

static const struct feature_actor operator_here = {
    .kind = {"system", 6}, .name = {"command line", 12}};

static int64_t tenant_of(struct arena *a, struct str slug)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_command_site_number, slug);
    bool found = unit_run(u) == DB_OK && unit_rows(u, place)->count;
    return found ? rows_i64(unit_rows(u, place), 0, KEY(tenant_id)) : 0;
}

// Written beside and renamed: a reader sees a whole file or none.
static int write_archive(
    struct arena *a, const struct config *c, int64_t tenant, const char *path, int64_t *rows)
{
    struct str why, beside = str_format(a, "%s.%d.new", path, getpid());
    int fd = open(beside.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse(beside.p, str_of(strerror(errno)));
    struct archive_out out = {.database_url = c->database_url,
        .tenant = tenant,
        .sink = archive_file_write,
        .arg = &fd,
        .program = STR(VITRINE_VERSION),
        .made_at = instant_text(a, zone_utc(), clock_now_us()),
        .made_s = clock_now_us() / US_PER_SECOND};
    bool ok = archive_export(a, &out, rows, &why);
    if (ok && (fsync(fd) != 0 || rename(beside.p, path) != 0)) {
        why = str_of(strerror(errno));
        ok = false;
    }
    close(fd);
    if (!ok)
        unlink(beside.p);
    return ok ? 0 : refuse(path, why);
}

int command_site_export(const struct config *c, int argc, char **argv)
{
    struct arena *a = fiber_arena();
    int64_t rows, tenant = argc == 2 ? tenant_of(a, str_of(argv[0])) : 0;
    if (argc != 2) {
        fprintf(stderr, "usage: vitrine site export SLUG FILE\n");
        return 2;
    }
    if (!tenant)
        return refuse(argv[0], STR("there is no such site"));
    if (file_exists(str_of(argv[1])))
        return refuse(argv[1], STR("it is there already"));
    int status = write_archive(a, c, tenant, argv[1], &rows);
    if (status)
        return status;
    if (!site_export_note(a, tenant, rows, &operator_here))
        fprintf(stderr, "vitrine: the site's record doesn't know of this export\n");
    printf("%s: %lld rows\n", argv[1], (long long)rows);
    return 0;
}

static const char *address_words(enum address_result result)
{
    switch (result) {
    case ADDRESS_BAD:
        return "is no address of a site";
    case ADDRESS_RESERVED:
        return "is reserved";
    case ADDRESS_TAKEN:
        return "is taken";
    case ADDRESS_LOOKALIKE:
        return "looks like another site's address";
    case ADDRESS_UNKNOWN:
        return "can't be looked up: the database doesn't answer";
    case ADDRESS_FREE:
        break;
    }
    return "is free";
}

static int load(
    struct arena *a, const struct archive_in *in, const struct archive_head *head, struct str slug)
{
    int64_t tenant;
    struct str why;
    enum address_result address = site_import_reserve(a, head, slug, &tenant);
    if (address != ADDRESS_FREE)
        return refuse(
            str_z(a, slug), str_join(a, STR("this address "), str_of(address_words(address)),
                                STR(": give another with --slug NAME"), STR_NULL));
    struct archive_target target = site_import_target(a, tenant, head);
    if (!archive_load(a, in, &target, &why)) {
        site_import_forget(a, tenant);
        return refuse("nothing was imported", why);
    }
    if (!site_import_finish(a, tenant, head, &operator_here))
        fprintf(stderr, "vitrine: the import stands, but its record couldn't be written\n");
    printf("%.*s: %lld rows. It is suspended: look at it in the console, then resume it.\n"
           "Staff set their passwords and second factors anew, from the login page.\n",
        STR_ARG(slug), (long long)head->rows);
    return 0;
}

int command_site_import(const struct config *c, int argc, char **argv)
{
    struct arena *a = fiber_arena();
    struct archive_head head;
    struct str why, slug = STR_NULL;
    if (argc == 3 && strcmp(argv[1], "--slug") == 0)
        slug = str_of(argv[2]);
    else if (argc != 1) {
        fprintf(stderr, "usage: vitrine site import FILE [--slug NAME]\n");
        return 2;
    }
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(argv[0], str_of(strerror(errno)));
    struct archive_in in = {.database_url = c->database_url,
        .source = archive_file_read,
        .rewind = archive_file_rewind,
        .arg = &fd};
    int status = archive_check(a, &in, &head, &why) ? load(a, &in, &head, slug.p ? slug : head.slug)
                                                    : refuse(argv[0], why);
    close(fd);
    return status;
}
