#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { PIECE_LEN = 256 << 10 };

static bool complain(struct str path)
{
    log_error("file", "path", path, "error", str_of(strerror(errno)));
    return false;
}

bool file_read(struct arena *a, struct str path, size_t max, struct str *text)
{
    struct stat st;
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return complain(path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > max) {
        close(fd);
        errno = EFBIG;
        return complain(path);
    }
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    size_t len = 0;
    for (ssize_t n;
         len < (size_t)st.st_size && (n = read(fd, p + len, (size_t)st.st_size - len)) > 0;)
        len += (size_t)n;
    close(fd);
    p[len] = 0;
    *text = str_n(p, len);
    return len == (size_t)st.st_size || complain(path);
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.p, text.len);
        if (n <= 0)
            return false;
        text = str_sub(text, (size_t)n, text.len);
    }
    return fsync(fd) == 0;
}

bool file_write(struct str path, struct str text, unsigned mode)
{
    struct arena *a = arena_new();
    struct str beside = str_format(a, "%.*s.%d.new", STR_ARG(path), getpid());
    int fd = open(beside.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool ok = fd >= 0 && write_all(fd, text);
    if (fd >= 0)
        close(fd);
    ok = ok && rename(beside.p, str_z(a, path)) == 0;
    if (!ok)
        complain(path);
    arena_free(a);
    return ok;
}

static bool look(struct str path, struct stat *st)
{
    struct arena *a = arena_new();
    bool ok = stat(str_z(a, path), st) == 0;
    arena_free(a);
    return ok;
}

bool file_exists(struct str path)
{
    struct stat st;
    return look(path, &st);
}

bool file_is_folder(struct str path)
{
    struct stat st;
    return look(path, &st) && S_ISDIR(st.st_mode);
}

bool file_digest(struct str path, struct sha256 *digest, int64_t *size)
{
    struct arena *a = arena_new();
    struct hash_stream stream;
    char *piece = arena_alloc(a, PIECE_LEN);
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    hash_begin(&stream);
    *size = 0;
    while (fd >= 0 && (n = read(fd, piece, PIECE_LEN)) > 0) {
        hash_add(&stream, str_n(piece, (size_t)n));
        *size += n;
    }
    if (fd >= 0)
        close(fd);
    *digest = hash_end(&stream);
    arena_free(a);
    return n == 0;
}

static int is_real(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

size_t file_list(struct arena *a, struct str folder, struct str **names)
{
    struct dirent **found = NULL;
    int count = scandir(str_z(a, folder), &found, is_real, alphasort);
    if (count <= 0)
        return 0;
    *names = arena_new_array(a, struct str, (size_t)count);
    for (int i = 0; i < count; i++) {
        (*names)[i] = str_dup(a, str_of(found[i]->d_name));
        free(found[i]);
    }
    free(found);
    return (size_t)count;
}
