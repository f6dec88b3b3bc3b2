#include "store.h"

#include <string.h>

struct vt_value *store_load(struct vt_call *call, struct vt_str id)
{
    return vt_at(vt_db_read(call, VT("import_load"), vt_list_of(call, vt_text(call, id), NULL)), 0);
}

bool store_is_id(struct vt_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.len > 0 && s.len < 19;
}

struct vt_value *store_require(struct vt_call *call, struct vt_value *request)
{
    struct vt_str id = vt_as_text(vt_at(vt_get(request, "params"), 0));
    struct vt_value *import = store_is_id(id) ? store_load(call, id) : NULL;
    if (!import && !vt_failed(call))
        vt_response_problem(call, VT("not_found"));
    return import;
}

static bool fits(struct vt_value *row, const char *field, const char *wanted)
{
    return !wanted || vt_str_eq(vt_get_text(row, field), vt_str_of(wanted));
}

int64_t store_count(
    struct vt_value *counts, const char *kind, const char *outcome, const char *undone)
{
    int64_t sum = 0;
    for (size_t i = 0; i < vt_count(counts); i++) {
        struct vt_value *row = vt_at(counts, i);
        if (fits(row, "kind", kind) && fits(row, "outcome", outcome) && fits(row, "undone", undone))
            sum += vt_get_int(row, "rows", 0);
    }
    return sum;
}

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

struct vt_str store_piece(struct vt_call *call, struct vt_value *import, int64_t at, int64_t most)
{
    int64_t size = vt_get_int(import, "size", 0);
    int64_t wanted = size - at < most ? size - at : most, len = 0;
    char *out = vt_alloc(call, (size_t)wanted + 1);
    while (len < wanted) {
        struct vt_value *row =
            vt_at(vt_db_read(call, VT("file_piece"),
                      vt_list_of(call, vt_get(import, "id"), vt_int(call, at + len),
                          vt_int(call, wanted - len), NULL)),
                0);
        struct vt_str hex = vt_get_text(row, "bytes");
        if (!hex.len)
            return VT_NULL;
        for (size_t i = 0; i + 1 < hex.len && len < wanted; i += 2)
            out[len++] = (char)(nibble(hex.p[i]) << 4 | nibble(hex.p[i + 1]));
    }
    return (struct vt_str){out, (size_t)len};
}

struct vt_str store_hex(struct vt_call *call, struct vt_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *out = vt_alloc(call, bytes.len * 2 + 1);
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
        out[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    return (struct vt_str){out, bytes.len * 2};
}

bool store_write(struct vt_call *call, struct vt_value *steps, struct vt_str *refused)
{
    return vt_db_write(call, steps, refused) != NULL;
}

void store_add_job(
    struct vt_call *call, struct vt_value *steps, const char *job, struct vt_str id, int64_t at_s)
{
    struct vt_value *step = vt_object(call), *data = vt_object(call);
    vt_set_text(call, data, "import", id);
    vt_set_text(call, step, "job", vt_str_of(job));
    vt_set(call, step, "data", data);
    if (at_s)
        vt_set_int(call, step, "at_us", at_s * INT64_C(1000000));
    vt_append(call, steps, step);
}

void store_add_audit(
    struct vt_call *call, struct vt_value *steps, const char *action, struct vt_value *import)
{
    struct vt_value *step = vt_object(call), *after = vt_object(call);
    vt_set_text(call, after, "file", vt_get_text(import, "file_name"));
    vt_set_text(call, step, "audit", vt_str_of(action));
    vt_set(call, step, "object", vt_get(import, "id"));
    vt_set(call, step, "after", after);
    vt_append(call, steps, step);
}

struct vt_value *store_actor(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *staff = vt_get(request, "staff"), *program = vt_object(call);
    if (vt_get_text(staff, "id").len)
        return staff;
    vt_set_text(call, program, "id", VT("0"));
    vt_set_text(call, program, "name", VT("API"));
    return program;
}

bool store_is(struct vt_value *import, const char *state)
{
    return vt_str_eq(vt_get_text(import, "state"), vt_str_of(state));
}
