#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "data/seal_wrap.h"
#include "main/backup.h"
#include "main/command.h"

static int usage(void)
{
    fprintf(stderr,
        "usage: vitrine backup FOLDER [--passphrase-file FILE]\n"
        "       vitrine restore FOLDER [--check] [--passphrase-file FILE | --without-keys]\n"
        "A passphrase puts the sealing keys into the backup, closed by it; without one, back up\n"
        "the file keys in VITRINE_STATE yourself, apart from the database.\n");
    return 2;
}

static bool read_passphrase(struct arena *a, const char *path, struct str *passphrase)
{
    struct str text;
    if (!file_read(a, str_of(path), 4096, &text))
        return false;
    *passphrase = str_cut(&text, '\n');
    if (str_utf8_valid(*passphrase) && str_utf8_count(*passphrase) >= SEAL_PASSPHRASE_MIN)
        return true;
    fprintf(stderr, "vitrine: %s: write a passphrase of at least %d characters in its first line\n",
        path, SEAL_PASSPHRASE_MIN);
    return false;
}

// 0: go on; else the status to end with.
static int read_options(
    struct arena *a, int argc, char **argv, bool restores, struct backup_options *o)
{
    for (int i = 0; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--passphrase-file") == 0 && has_value) {
            if (!read_passphrase(a, argv[++i], &o->passphrase))
                return 1;
        } else if (strcmp(argv[i], "--without-keys") == 0 && restores) {
            o->without_keys = true;
        } else if (strcmp(argv[i], "--check") == 0 && restores) {
            o->check_only = true;
        } else if (argv[i][0] != '-' && !o->folder.p) {
            o->folder = str_of(argv[i]);
        } else {
            return usage();
        }
    }
    while (o->folder.len > 1 && o->folder.p[o->folder.len - 1] == '/')
        o->folder.len--;
    return o->folder.len ? 0 : usage();
}

static int run(const struct config *c, int argc, char **argv, bool restores)
{
    struct arena *a = arena_new();
    struct backup_options options = {0};
    int status = read_options(a, argc, argv, restores, &options);
    if (!status)
        status = (restores ? backup_restore(a, c, &options) : backup_write(a, c, &options)) ? 0 : 1;
    arena_free(a);
    return status;
}

int command_backup(const struct config *c, int argc, char **argv)
{
    return run(c, argc, argv, false);
}

int command_restore(const struct config *c, int argc, char **argv)
{
    return run(c, argc, argv, true);
}
