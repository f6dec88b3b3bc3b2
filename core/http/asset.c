#include "http/asset.h"

#include "base/hash.h"
#include "base/json.h"

// Open addressing, at most half full; the build has a few hundred files.
struct assets {
    struct asset *slots;
    size_t mask;
};

static struct asset *slot_of(const struct assets *assets, struct str path)
{
    size_t i = hash_bytes(path) & assets->mask;
    while (assets->slots[i].path.p && !str_eq(assets->slots[i].path, path))
        i = (i + 1) & assets->mask;
    return &assets->slots[i];
}

struct assets *assets_load(struct arena *a, const char *manifest_path, struct source_error *e)
{
    struct str text = source_read(a, manifest_path, e);
    if (!text.p)
        return NULL;
    struct json_error bad;
    struct value *manifest = json_parse(a, text, JSON_ANY_KEYS, &bad);
    if (!value_is(manifest, VALUE_OBJECT)) {
        source_refuse(a, e, str_of(manifest_path), manifest ? 1 : bad.line,
            "must be an object of paths and hashes: build the assets again");
        return NULL;
    }
    size_t room = 16;
    while (room < 2 * value_count(manifest))
        room *= 2;
    struct assets *assets = arena_new_object(a, struct assets);
    *assets = (struct assets){arena_new_array(a, struct asset, room), room - 1};
    for (uint32_t i = 0; i < manifest->object.count; i++) {
        struct str path = value_key_name(manifest->object.fields[i].key);
        struct str hash = value_as_str(manifest->object.fields[i].value);
        if (!hash.len) {
            source_refuse(a, e, str_of(manifest_path), 0,
                "%.*s has no hash: build the assets again", STR_ARG(path));
            return NULL;
        }
        *slot_of(assets, path) = (struct asset){.path = path,
            .hash = hash,
            .url = str_join(a, STR("/assets/"), hash, STR("/"), path, STR_NULL)};
    }
    return assets;
}

struct str asset_url(const struct assets *assets, struct str path)
{
    return slot_of(assets, path)->url;
}

struct asset *asset_entry(const struct assets *assets, struct str path)
{
    struct asset *entry = slot_of(assets, path);
    return entry->path.p ? entry : NULL;
}

struct asset *asset_next(const struct assets *assets, struct asset *before)
{
    struct asset *end = assets->slots + assets->mask + 1;
    for (struct asset *e = before ? before + 1 : assets->slots; e < end; e++)
        if (e->path.p)
            return e;
    return NULL;
}
