#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "io/address.h"
#include "io/fiber.h"
#include "main/backup.h"
#include "main/doctor.h"

enum {
    FILES_LEAST = 8192,
    MAPS_LEAST = 2 * FIBERS_MAX + 4096,
    DISK_LEAST_MB = 1024,
    DISK_LEAST_PERCENT = 5,
    BACKUP_MAX_HOURS = 48,
};

static void check_files(struct doctor *d)
{
    struct str home = str_of(d->config->home), state = str_of(d->config->state);
    if (file_exists(str_join(d->a, home, STR("/build/assets/manifest.json"), STR_NULL)))
        doctor_fine("styles, scripts and pictures are built");
    else
        doctor_mend(d, STR("build/assets/manifest.json is missing"), "run ./scripts/assets");
    struct stat st;
    if (stat(state.p, &st) != 0 || access(state.p, W_OK) != 0)
        doctor_mend(d, str_join(d->a, STR("can't write to "), state, STR_NULL),
            "make the folder, owned by the user that runs vitrine, or set VITRINE_STATE");
    else if (st.st_mode & 066)
        doctor_mend(d, str_join(d->a, state, STR(" is open to other users"), STR_NULL),
            "chmod 700 it: it holds the keys");
    else
        doctor_fine("the state folder is ours alone");
}

static int64_t system_number(const char *path)
{
    int64_t n = 0;
    char line[32];
    FILE *f = fopen(path, "r");
    if (!f)
        return INT64_MAX;
    struct str text = str_trim(str_of(fgets(line, sizeof line, f) ? line : "0"));
    fclose(f);
    return str_to_i64(text, &n) ? n : INT64_MAX;
}

static void check_limits(struct doctor *d)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < FILES_LEAST)
        doctor_mend(d, STR("too few open files are allowed"),
            "raise the limit to 65536 (LimitNOFILE in the systemd unit)");
    // Every fiber's stack is two mappings.
    if (system_number("/proc/sys/vm/max_map_count") < MAPS_LEAST)
        doctor_mend(d, STR("vm.max_map_count is too low"), "sysctl -w vm.max_map_count=65530");
}

static void check_disk(struct doctor *d)
{
    struct statvfs disk;
    if (statvfs(d->config->state, &disk) != 0 || !disk.f_blocks)
        return;
    int64_t free_mb = (int64_t)(disk.f_bavail * disk.f_frsize >> 20);
    int64_t percent = (int64_t)(disk.f_bavail * 100 / disk.f_blocks);
    if (free_mb < DISK_LEAST_MB || percent < DISK_LEAST_PERCENT)
        doctor_mend(d,
            str_format(d->a, "the disk of %s is nearly full: %lld MB are left", d->config->state,
                (long long)free_mb),
            "make room: a full one stops PostgreSQL, the log and backups");
    else
        doctor_fine("there is room on the disk");
}

// Holds, tickets and payments go by it.
static void check_clock(struct doctor *d)
{
    struct timex t = {.modes = 0};
    if (adjtimex(&t) == TIME_ERROR || (t.status & STA_UNSYNC))
        doctor_mend_public(d, STR("nobody keeps this machine's clock right"),
            "timedatectl set-ntp true (install systemd-timesyncd or chrony)");
    else
        doctor_fine("the clock is kept right");
}

static void check_backups(struct doctor *d)
{
    int64_t last = backup_last_s(d->a, d->config);
    int64_t hours = ((int64_t)time(NULL) - last) / 3600;
    if (!last && doctor_is_local(d))
        return;
    if (!last)
        doctor_mend(d, STR("no backup was ever made"),
            "vitrine backup FOLDER, every night: scripts/vitrine-backup.timer does it");
    else if (hours > BACKUP_MAX_HOURS)
        doctor_mend(d,
            str_format(d->a, "the newest backup is %lld days old", (long long)(hours / 24)),
            "look why: systemctl status vitrine-backup");
    else
        doctor_fine("there is a backup of these days");
}

static bool names_nobody(struct str proxies)
{
    while (proxies.p) {
        struct str one = str_trim(str_cut(&proxies, ','));
        if (str_is(one, "0.0.0.0") || str_is(one, "::"))
            return true;
    }
    return false;
}

// Whom a request is from decides about limits, tries on passwords and the record.
static void check_proxies(struct doctor *d)
{
    const struct config *c = d->config;
    bool behind = address_is_loopback(str_z(d->a, c->listen_address)) && !c->tls_certificate;
    if (!doctor_is_local(d) && !c->public_https)
        doctor_mend(d, STR("visitors come over plain HTTP"),
            "put nginx with TLS in front (scripts/nginx.conf) and set VITRINE_PUBLIC_SCHEME=https");
    if (names_nobody(c->trusted_proxies))
        doctor_mend(d, STR("VITRINE_TRUSTED_PROXIES names an address that no machine has"),
            "name the proxies themselves, such as 127.0.0.1");
    else if (c->trusted_proxies.p && c->tls_certificate)
        doctor_note(STR("VITRINE_TRUSTED_PROXIES is set and TLS is served here"),
            "right when a proxy speaks TLS to this server, else take it away");
    else if (!c->trusted_proxies.p && behind && !doctor_is_local(d))
        doctor_mend(d, STR("VITRINE_TRUSTED_PROXIES isn't set, and only this machine can connect"),
            "name the proxy (127.0.0.1 for scripts/nginx.conf): else all visitors count as one");
    else
        doctor_fine("it is clear whom requests come from");
    if (!c->tls_certificate && !behind && !doctor_is_local(d))
        doctor_mend(d, STR("VITRINE_LISTEN takes plain connections from other machines"),
            "let it be 127.0.0.1:8080 behind nginx, or a network that only the proxy is in");
}

void doctor_machine(struct doctor *d)
{
    check_files(d);
    check_limits(d);
    check_disk(d);
    check_clock(d);
    check_proxies(d);
    check_backups(d);
}
