#include "http/asset_file.h"

#include "base/file.h"
#include "base/log.h"

static struct str type_of(struct str path)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".woff2", "font/woff2"},
        {".json", "application/json"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_ends(path, str_of(types[i].suffix)))
            return str_of(types[i].type);
    return STR("application/octet-stream");
}

static bool load(struct arena *a, struct asset *file, struct str folder, size_t room)
{
    struct str path = str_join(a, folder, STR("/"), file->path, STR_NULL);
    struct str packed = str_join(a, path, STR(".gz"), STR_NULL);
    if (!file_read(a, path, room, &file->plain))
        return false;
    if (file_exists(packed) && !file_read(a, packed, room, &file->packed))
        return false;
    if (file->packed.len >= file->plain.len)
        file->packed = STR_NULL;
    file->type = type_of(file->path);
    file->etag = str_join(a, STR("\""), file->hash, STR("\""), STR_NULL);
    return true;
}

bool asset_files_load(
    struct arena *a, struct assets *assets, const char *folder, struct source_error *e)
{
    size_t room = ASSET_BYTES_MAX;
    for (struct asset *file = asset_next(assets, NULL); file; file = asset_next(assets, file)) {
        if (!load(a, file, str_of(folder), room))
            return source_refuse(a, e, str_of(folder), 0,
                "%.*s can't be read, or there is too much: build the assets again",
                STR_ARG(file->path));
        size_t len = file->plain.len + file->packed.len;
        room = len < room ? room - len : 0;
    }
    return true;
}

static struct cached_answer not_there(void)
{
    return (struct cached_answer){.status = 404,
        .type = STR("text/plain; charset=utf-8"),
        .caching = STR("no-store"),
        .body = STR("There is no such file.\n")};
}

struct cached_answer asset_find(const struct assets *assets, const struct server_lookup *l)
{
    struct str prefix = STR("/assets/"), rest = l->path;
    if (!str_starts(rest, prefix))
        return (struct cached_answer){0};
    rest = str_sub(rest, prefix.len, rest.len);
    struct str hash = str_cut(&rest, '/');
    const struct asset *file = rest.len ? asset_entry(assets, rest) : NULL;
    if (!file || hash.len != file->hash.len || !file->plain.p)
        return not_there();
    // During and after a reload pages and files of two versions meet: the file of another version
    // does for the moment, and isn't kept under that address.
    bool fits = str_eq(file->hash, hash);
    struct cached_answer answer = {.status = 200,
        .type = file->type,
        .etag = file->etag,
        .caching = fits ? STR("public, max-age=31536000, immutable") : STR("no-cache"),
        .vary = STR("accept-encoding"),
        .body = file->plain};
    if (str_find(l->if_none_match, file->etag) >= 0) {
        answer.status = 304;
        answer.body = STR("");
    } else if (l->accepts_gzip && file->packed.p) {
        answer.encoding = STR("gzip");
        answer.body = file->packed;
    }
    return answer;
}
