#include <stdlib.h>

#include "base/check.h"
#include "plug/lua_box.h"

enum { COMPILE_MEMORY_MAX = 32 << 20, SOURCE_MAX = 1 << 20 };

struct compiler {
    struct lua_chunk *chunk;
    struct str source;
    const char *name;
    size_t memory;
};

static void *allocate(void *ud, void *p, size_t old_size, size_t size)
{
    struct compiler *c = ud;
    size_t old = p ? old_size : 0;
    if (size > old && c->memory - old + size > COMPILE_MEMORY_MAX)
        return NULL;
    c->memory += size - old;
    if (!size) {
        free(p);
        return NULL;
    }
    void *q = realloc(p, size);
    check(q);
    return q;
}

static int add_bytes(lua_State *L, const void *p, size_t len, void *ud)
{
    struct lua_chunk *chunk = ud;
    (void)L;
    if (chunk->room - chunk->len < len) {
        chunk->room = (chunk->len + len) * 2;
        chunk->bytes = realloc(chunk->bytes, chunk->room);
        check(chunk->bytes);
    }
    memcpy(chunk->bytes + chunk->len, p, len);
    chunk->len += len;
    return 0;
}

static int compile(lua_State *L)
{
    struct compiler *c = lua_touserdata(L, 1);
    // Plugins don't need it, and its corners (a constant _ENV) have broken the compiler before.
    if (str_find(c->source, STR("_ENV")) >= 0)
        return luaL_error(L, "%s: _ENV is not available", c->name + 1);
    if (luaL_loadbufferx(L, c->source.p, c->source.len, c->name, "t") != LUA_OK)
        return lua_error(L);
    lua_dump(L, add_bytes, c->chunk, 0);
    return 0;
}

struct lua_chunk *lua_chunk_new(
    struct arena *a, struct str plugin, struct str source, struct str *error)
{
    if (source.len > SOURCE_MAX) {
        *error = STR("the source is larger than 1 MB");
        return NULL;
    }
    struct lua_chunk *chunk = calloc(1, sizeof *chunk);
    char *name = malloc(plugin.len + 1);
    check(chunk && name);
    memcpy(name, plugin.p, plugin.len);
    name[plugin.len] = 0;
    chunk->plugin = str_n(name, plugin.len);
    chunk->keys_left = LUA_KEYS_MAX;
    struct str chunk_name = str_format(a, "@%.*s/plugin.lua", STR_ARG(plugin));
    struct compiler c = {.chunk = chunk, .source = source, .name = chunk_name.p};
    lua_State *L = lua_newstate(allocate, &c);
    check(L);
    lua_pushcfunction(L, compile);
    lua_pushlightuserdata(L, &c);
    bool ok = lua_pcall(L, 1, 0, 0) == LUA_OK;
    if (!ok)
        *error = str_dup(a, str_of(lua_tostring(L, -1)));
    lua_close(L);
    if (ok)
        return chunk;
    lua_chunk_free(chunk);
    return NULL;
}

void lua_chunk_free(struct lua_chunk *chunk)
{
    if (!chunk)
        return;
    free((char *)chunk->plugin.p);
    free(chunk->bytes);
    free(chunk);
}
