#include "io/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

// "20261121T180000.123456Z"
static struct str time_name(struct arena *a, int64_t now_us)
{
    time_t seconds = now_us / 1000000;
    struct tm t;
    gmtime_r(&seconds, &t);
    return str_format(a, "%04d%02d%02dT%02d%02d%02d.%06dZ", t.tm_year + 1900, t.tm_mon + 1,
        t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(now_us % 1000000));
}

static struct str safe_id(struct arena *a, struct str id)
{
    struct str safe = str_dup(a, str_sub(id, 0, 80));
    for (size_t i = 0; i < safe.len; i++) {
        char c = safe.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain)
            ((char *)safe.p)[i] = '-';
    }
    return safe;
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.p, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static bool write_file(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool written = write_all(fd, bytes) && fsync(fd) == 0;
    return close(fd) == 0 && written;
}

bool outbox_write(
    struct arena *a, struct str dir, struct str id, struct str message, struct str *path)
{
    struct str name =
        str_join(a, time_name(a, clock_now_us()), STR("-"), safe_id(a, id), STR(".eml"), STR_NULL);
    // The dot keeps readers of *.eml away until it is whole.
    struct str partial = str_join(a, dir, STR("/."), name, STR_NULL);
    struct str whole = str_join(a, dir, STR("/"), name, STR_NULL);
    if ((mkdir(str_z(a, dir), 0700) < 0 && errno != EEXIST) || !write_file(partial.p, message) ||
        rename(partial.p, whole.p) < 0) {
        int error = errno;
        unlink(partial.p);
        log_error("outbox not written", "path", whole, "error", str_of(strerror(error)));
        return false;
    }
    if (path)
        *path = whole;
    return true;
}

void outbox_remove(struct arena *a, struct str dir, const struct str *ids, size_t count)
{
    struct str *names;
    size_t files = file_list(a, dir, &names);
    for (size_t i = 0; i < files; i++)
        for (size_t k = 0; k < count; k++)
            if (str_ends(
                    names[i], str_join(a, STR("-"), safe_id(a, ids[k]), STR(".eml"), STR_NULL))) {
                unlink(str_join(a, dir, STR("/"), names[i], STR_NULL).p);
                break;
            }
}
