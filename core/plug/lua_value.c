#include "plug/lua_value.h"

#include <math.h>

#include "plug/lua_box.h"

// Their addresses are keys of the registry.
static const char OBJECT_MARK, KEPT_KEYS;

void lua_value_open(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &OBJECT_MARK);
    lua_createtable(L, 2 * LUA_KEYS_KEPT, 0);
    // Filled, so that its array is never given up for a hash part.
    for (int i = 1; i <= 2 * LUA_KEYS_KEPT; i++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, -2, i);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEPT_KEYS);
}

void lua_value_mark_object(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &OBJECT_MARK);
    lua_setmetatable(L, -2);
}

bool lua_value_is_object(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &OBJECT_MARK);
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

// Where the table of kept strings stands while values are pushed.
struct writer {
    lua_State *L;
    struct lua_sandbox *box;
    int kept, depth;
};

static void push(struct writer *w, const struct value *v);

// Pushes the name's Lua string: the one kept from last time, or a new one that is kept from now on.
static void push_key(struct writer *w, value_key key)
{
    size_t slot = key % LUA_KEYS_KEPT;
    lua_Integer place = LUA_KEYS_KEPT + 1 + (lua_Integer)slot;
    if (w->box->pushed[slot] == key) {
        lua_rawgeti(w->L, w->kept, place);
        return;
    }
    lua_push_str(w->L, value_key_name(key));
    lua_pushvalue(w->L, -1);
    lua_rawseti(w->L, w->kept, place);
    w->box->pushed[slot] = key;
}

static void push_list(struct writer *w, const struct value *v)
{
    lua_createtable(w->L, (int)v->list.count, 0);
    for (uint32_t i = 0; i < v->list.count; i++) {
        if (value_is(v->list.items[i], VALUE_NULL))
            lua_pushlightuserdata(w->L, NULL);
        else
            push(w, v->list.items[i]);
        lua_rawseti(w->L, -2, (lua_Integer)i + 1);
    }
}

static void push_object(struct writer *w, const struct value *v)
{
    lua_createtable(w->L, 0, (int)v->object.count);
    if (!v->object.count)
        lua_value_mark_object(w->L);
    for (uint32_t i = 0; i < v->object.count; i++) {
        const struct value_field *field = &v->object.fields[i];
        if (value_is(field->value, VALUE_NULL))
            continue;
        push_key(w, field->key);
        push(w, field->value);
        lua_rawset(w->L, -3);
    }
}

static void push_table(struct writer *w, const struct value *v)
{
    if (++w->depth > LUA_VALUE_DEPTH_MAX)
        luaL_error(w->L, "the value is nested deeper than %d levels", LUA_VALUE_DEPTH_MAX);
    luaL_checkstack(w->L, 6, NULL);
    if (v->kind == VALUE_LIST)
        push_list(w, v);
    else
        push_object(w, v);
    w->depth--;
}

static void push(struct writer *w, const struct value *v)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_NULL:
        lua_pushnil(w->L);
        break;
    case VALUE_BOOL:
        lua_pushboolean(w->L, v->boolean);
        break;
    case VALUE_INT:
        lua_pushinteger(w->L, v->integer);
        break;
    case VALUE_REAL:
        lua_pushnumber(w->L, v->real);
        break;
    case VALUE_STR:
        lua_pushlstring(w->L, v->str.p, v->str.len);
        break;
    case VALUE_LIST:
    case VALUE_OBJECT:
        push_table(w, v);
        break;
    }
}

void lua_value_push(lua_State *L, const struct value *v)
{
    luaL_checkstack(L, 4, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEPT_KEYS);
    struct writer w = {L, lua_call_of(L)->box, lua_gettop(L), 0};
    push(&w, v);
    lua_remove(L, w.kept);
}

struct reader {
    lua_State *L;
    struct arena *arena;
    struct lua_sandbox *box;
    struct lua_chunk *chunk; // the plugin's, for new field names
    int count;
    size_t bytes;
};

// The value at the top of the Lua stack; leaves it there.
static struct value *read(struct reader *r, int depth);

static value_key new_key(struct reader *r, struct str name)
{
    if (name.len > 64 || !str_utf8_valid(name))
        luaL_error(r->L, "a field's name is too long or is no text");
    value_key key = value_key_find(name);
    if (key)
        return key;
    if (!r->chunk->keys_left)
        luaL_error(r->L, "the plugin uses too many different field names (give a list instead)");
    r->chunk->keys_left--;
    return value_key_intern(name);
}

// The field name at -2. Short strings are unique in a state, so a known one is found by address.
static value_key read_key(struct reader *r)
{
    size_t len;
    const char *p = lua_tolstring(r->L, -2, &len);
    size_t slot = ((uintptr_t)p >> 5) % LUA_KEYS_KEPT;
    struct lua_known_key *known = &r->box->keys[slot];
    if (known->p == p)
        return known->key;
    value_key key = new_key(r, str_n(p, len));
    lua_rawgetp(r->L, LUA_REGISTRYINDEX, &KEPT_KEYS);
    lua_pushvalue(r->L, -3);
    lua_rawseti(r->L, -2, (lua_Integer)slot + 1);
    lua_pop(r->L, 1);
    *known = (struct lua_known_key){p, key};
    return key;
}

// Names are unique in a table, so there is no field to look for first.
static void add_field(struct reader *r, struct value *object, value_key key, struct value *v)
{
    if (object->object.count == object->object.room) {
        uint32_t room = object->object.room ? object->object.room * 2 : 8;
        object->object.fields = arena_grow(r->arena, object->object.fields,
            object->object.room * sizeof *object->object.fields,
            room * sizeof *object->object.fields);
        object->object.room = room;
    }
    object->object.fields[object->object.count++] = (struct value_field){key, v};
}

static struct value *read_object(struct reader *r, int depth)
{
    // The first field is on the stack: name at -2, value at -1.
    struct value *object = value_object(r->arena);
    do {
        if (lua_type(r->L, -2) != LUA_TSTRING)
            luaL_error(r->L, "a table is either a list or has names only");
        value_key key = read_key(r);
        add_field(r, object, key, read(r, depth + 1));
        lua_pop(r->L, 1);
    } while (lua_next(r->L, -2));
    return object;
}

static struct value *read_list(struct reader *r, int depth)
{
    struct value *list = value_list(r->arena);
    lua_Integer count = (lua_Integer)lua_rawlen(r->L, -3), fields = 0;
    do {
        fields++;
        if (!lua_isinteger(r->L, -2))
            luaL_error(r->L, "a table is either a list or has names only");
        lua_pop(r->L, 1);
    } while (lua_next(r->L, -2));
    if (fields != count)
        luaL_error(r->L, "the list has holes (use null)");
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(r->L, -1, i) == LUA_TNIL)
            luaL_error(r->L, "the list has holes (use null)");
        value_append(r->arena, list, read(r, depth + 1));
        lua_pop(r->L, 1);
    }
    return list;
}

static struct value *read_table(struct reader *r, int depth)
{
    if (depth > LUA_VALUE_DEPTH_MAX)
        luaL_error(r->L, "the value is nested deeper than %d levels", LUA_VALUE_DEPTH_MAX);
    luaL_checkstack(r->L, 6, NULL);
    lua_pushnil(r->L);
    if (!lua_next(r->L, -2)) {
        bool object = lua_value_is_object(r->L, lua_gettop(r->L));
        return object ? value_object(r->arena) : value_list(r->arena);
    }
    return lua_type(r->L, -2) == LUA_TSTRING ? read_object(r, depth) : read_list(r, depth);
}

static struct value *read_text(struct reader *r)
{
    size_t len;
    const char *p = lua_tolstring(r->L, -1, &len);
    struct str s = str_n(p, len);
    r->bytes += len;
    if (r->bytes > LUA_VALUE_BYTES_MAX)
        luaL_error(r->L, "the value has more than %d bytes of text", LUA_VALUE_BYTES_MAX);
    if (!str_utf8_valid(s))
        luaL_error(r->L, "a string is not valid UTF-8 text");
    return value_str(r->arena, str_dup(r->arena, s));
}

static struct value *read_number(struct reader *r)
{
    if (lua_isinteger(r->L, -1))
        return value_int(r->arena, lua_tointeger(r->L, -1));
    lua_Number n = lua_tonumber(r->L, -1);
    if (!isfinite(n))
        luaL_error(r->L, "a number is infinite or not a number");
    return value_real(r->arena, n);
}

static struct value *read(struct reader *r, int depth)
{
    if (++r->count > LUA_VALUE_COUNT_MAX)
        luaL_error(r->L, "the value has more than %d parts", LUA_VALUE_COUNT_MAX);
    int type = lua_type(r->L, -1);
    switch (type) {
    case LUA_TNIL:
        return value_null();
    case LUA_TBOOLEAN:
        return value_bool(r->arena, lua_toboolean(r->L, -1));
    case LUA_TNUMBER:
        return read_number(r);
    case LUA_TSTRING:
        return read_text(r);
    case LUA_TTABLE:
        return read_table(r, depth);
    case LUA_TLIGHTUSERDATA:
        return value_null();
    default:
        luaL_error(r->L, "a %s can't leave the plugin", lua_typename(r->L, type));
        return NULL;
    }
}

struct value *lua_value_read(lua_State *L, int index, struct arena *a)
{
    struct lua_call *call = lua_call_of(L);
    lua_call_arena(L);
    struct reader r = {L, a, call->box, call->box->plugins[call->plugin].chunk, 0, 0};
    luaL_checkstack(L, 4, NULL);
    lua_pushvalue(L, index);
    struct value *v = read(&r, 0);
    lua_pop(L, 1);
    lua_call_spend(call, r.count * 4 + (int64_t)(r.bytes / LUA_BYTES_A_UNIT));
    return v;
}
