#include "file.h"

#include "look.h"
#include "page.h"
#include "store.h"

enum { PART_MAX = 4 << 20, SAMPLE_ROWS = 6, SAMPLE_BYTES = 64 << 10, DAY_S = 86400 };
#define SIZE_MAX_BYTES (INT64_C(200) << 20)

static void answer_upload(struct vt_call *call, int status, struct vt_value *import)
{
    struct vt_value *v = vt_object(call);
    struct vt_str id = vt_get_text(import, "id");
    vt_set_text(call, v, "id", id);
    vt_set_int(call, v, "size", vt_get_int(import, "size", 0));
    vt_set_int(call, v, "received", vt_get_int(import, "received", 0));
    vt_set_int(call, v, "part_max", PART_MAX);
    vt_set_text(
        call, v, "upload_url", vt_str_format(call, STORE_PATH "files/%.*s", (int)id.len, id.p));
    vt_response_json(call, status, v);
}

static struct vt_str next_id(struct vt_call *call)
{
    struct vt_value *steps = vt_list(call);
    struct vt_str refused;
    vt_db_step(call, steps, VT("file_next_id"), NULL);
    return vt_get_text(vt_at(vt_at(vt_db_write(call, steps, &refused), 0), 0), "id");
}

// NULL: too many are open, or the database said no.
static struct vt_value *begin(
    struct vt_call *call, struct vt_value *request, struct vt_str name, int64_t size)
{
    struct vt_value *steps = vt_list(call), *staff = store_actor(call, request);
    struct vt_str refused, id = next_id(call);
    vt_db_step(call, steps, VT("file_begin"),
        vt_list_of(call, vt_text(call, id), vt_text(call, name.len ? name : VT("customers.csv")),
            vt_int(call, size), vt_get(staff, "id"), vt_get(staff, "name"),
            vt_int(call, vt_time_now()), NULL));
    store_add_job(call, steps, "forget", id, vt_time_now() + DAY_S + 60);
    return store_write(call, steps, &refused) ? store_load(call, id) : NULL;
}

static bool add(struct vt_call *call, struct vt_value *import, int64_t at, struct vt_str bytes)
{
    struct vt_value *steps = vt_list(call);
    struct vt_str refused;
    vt_db_step(call, steps, VT("file_add"),
        vt_list_of(call, vt_get(import, "id"), vt_int(call, at), vt_int(call, (int64_t)bytes.len),
            vt_text(call, store_hex(call, bytes)), NULL));
    return store_write(call, steps, &refused);
}

void file_begin(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *form = vt_get(request, "form");
    int64_t size = vt_get_int(form, "size", 0);
    if (vt_get_bool(request, "refused", false) || size > SIZE_MAX_BYTES) {
        vt_response_problem(call, VT("bad_request"));
        return;
    }
    struct vt_value *import = begin(call, request, vt_get_text(form, "name"), size);
    if (import)
        answer_upload(call, 201, import);
    else if (!vt_failed(call))
        vt_response_problem(call, VT("too_many"));
}

// "at=4194304"; -1 when it isn't there.
static int64_t place_of(struct vt_str query)
{
    int64_t at = 0;
    if (query.len < 4 || query.len > 16 || query.p[0] != 'a' || query.p[1] != 't' ||
        query.p[2] != '=')
        return -1;
    for (size_t i = 3; i < query.len; i++) {
        if (query.p[i] < '0' || query.p[i] > '9')
            return -1;
        at = at * 10 + (query.p[i] - '0');
    }
    return at;
}

void file_part(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *import = store_require(call, request);
    struct vt_str bytes = vt_get_text(request, "body");
    int64_t at = place_of(vt_get_text(request, "query"));
    if (!import)
        return;
    if (at < 0 || !bytes.len || bytes.len > PART_MAX)
        vt_response_problem(call, VT("bad_request"));
    else if (add(call, import, at, bytes))
        answer_upload(call, 200, store_load(call, vt_get_text(import, "id")));
    else if (!vt_failed(call))
        vt_response_problem(call, VT("conflict"));
}

struct sample {
    struct vt_call *call;
    struct vt_value *rows;
    size_t most;
};

static bool on_row(void *arg, const struct reader_row *row)
{
    struct sample *s = arg;
    struct vt_value *cells = vt_list(s->call);
    for (size_t i = 0; i < row->count; i++)
        vt_append(s->call, cells, vt_text(s->call, row->cells[i].p ? row->cells[i] : VT("")));
    vt_append(s->call, s->rows, cells);
    return vt_count(s->rows) < s->most;
}

// The first rows as they are read in this way.
static struct vt_value *first_rows(
    struct vt_call *call, struct vt_value *import, const struct detect_file *file)
{
    struct sample s = {.call = call, .rows = vt_list(call), .most = SAMPLE_ROWS};
    int64_t size = vt_get_int(import, "size", 0);
    struct vt_str bytes = store_piece(call, import, (int64_t)file->mark, SAMPLE_BYTES);
    struct reader reader = {.call = call,
        .encoding = file->encoding,
        .separator = file->separator,
        .bytes = bytes,
        .last = (int64_t)(file->mark + bytes.len) >= size,
        .line = 1,
        .on_row = on_row,
        .arg = &s};
    if (bytes.len)
        reader_run(&reader);
    return s.rows;
}

struct vt_value *file_sample(struct vt_call *call, struct vt_value *import)
{
    struct detect_file file = {.encoding = reader_encoding_of(vt_get_text(import, "encoding")),
        .mark = (size_t)vt_get_int(import, "mark", 0),
        .separator = vt_get_text(import, "separator").p[0]};
    return first_rows(call, import, &file);
}

// Titles are guessed; of two alike the first one counts.
static struct vt_value *guess(
    struct vt_call *call, struct vt_value *first, bool header, int64_t columns)
{
    struct vt_value *mapping = vt_object(call);
    for (int64_t i = 0; header && i < columns; i++) {
        enum detect_field field = detect_title(call, vt_as_text(vt_at(first, (size_t)i)));
        if (field != DETECT_FIELDS && !vt_get(mapping, detect_fields[field]))
            vt_set_int(call, mapping, detect_fields[field], i);
    }
    return mapping;
}

static struct vt_str default_dates(struct vt_call *call)
{
    struct vt_value *info = vt_site_info(call);
    return vt_str_eq(vt_get_text(info, "region"), VT("US")) ? VT("mdy") : VT("dmy");
}

struct reading {
    struct detect_file file;
    struct vt_str dates, region;
};

static bool save_reading(struct vt_call *call, struct vt_value *import, const struct reading *r)
{
    struct vt_value *steps = vt_list(call), *rows = first_rows(call, import, &r->file);
    struct vt_value *first = vt_at(rows, 0);
    struct vt_str refused, separator = {&r->file.separator, 1};
    int64_t columns = (int64_t)vt_count(first);
    if (vt_failed(call))
        return false;
    vt_db_step(call, steps, VT("file_read_as"),
        vt_list_of(call, vt_get(import, "id"),
            vt_text(call, vt_str_of(reader_encodings[r->file.encoding])),
            vt_int(call, (int64_t)r->file.mark), vt_text(call, separator),
            vt_bool(call, r->file.header), vt_text(call, r->dates), vt_text(call, r->region),
            guess(call, first, r->file.header, columns), vt_int(call, columns),
            vt_get(import, "version"), r->file.header && first ? first : vt_list(call), NULL));
    vt_db_step(call, steps, VT("file_unlook"), vt_list_of(call, vt_get(import, "id"), NULL));
    return store_write(call, steps, &refused);
}

static bool look_at(struct vt_call *call, struct vt_value *import)
{
    struct vt_str bytes = store_piece(call, import, 0, SAMPLE_BYTES);
    struct reading r = {
        .dates = default_dates(call), .region = vt_get_text(vt_site_info(call), "region")};
    if (!bytes.len)
        return false;
    r.file = detect_look(call, bytes);
    return save_reading(call, import, &r);
}

static void refuse(struct vt_call *call, const char *why)
{
    vt_form_refuse(call, VT("file"), vt_translate_text(call, vt_str_of(why), NULL));
    vt_response_invalid(call, VT("send"), page_send_view(call));
}

// The file itself, or the number of one that has come in parts.
static struct vt_value *file_of(
    struct vt_call *call, struct vt_value *request, struct vt_value *form)
{
    struct vt_str bytes = vt_get_text(form, "file"), id = vt_get_text(form, "upload");
    if (store_is_id(id))
        return store_load(call, id);
    struct vt_value *import =
        bytes.len ? begin(call, request, vt_get_text(form, "file_name"), (int64_t)bytes.len) : NULL;
    for (size_t at = 0; import && at < bytes.len; at += PART_MAX) {
        size_t len = bytes.len - at < PART_MAX ? bytes.len - at : PART_MAX;
        if (!add(call, import, (int64_t)at, (struct vt_str){bytes.p + at, len}))
            return NULL;
    }
    return import ? store_load(call, vt_get_text(import, "id")) : NULL;
}

void file_create(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *form = vt_get(request, "form"), *view = vt_object(call);
    if (vt_get_bool(request, "refused", false) ||
        (!vt_get_text(form, "file").len && !vt_get_text(form, "upload").len)) {
        refuse(call, "send.none");
        return;
    }
    struct vt_value *import = file_of(call, request, form);
    if (vt_failed(call))
        return;
    if (!import || !store_is(import, "sending") || !look_at(call, import)) {
        refuse(call, import ? "send.part" : "send.many");
        return;
    }
    struct vt_str id = vt_get_text(import, "id");
    vt_set_text(call, view, "id", id);
    vt_response_done(call, 201, vt_str_format(call, STORE_PATH "%.*s", (int)id.len, id.p), view);
}

static char separator_of(struct vt_str name)
{
    return vt_str_eq(name, VT("semicolon")) ? ';' : vt_str_eq(name, VT("tab")) ? '\t' : ',';
}

static void read_again(struct vt_call *call, struct vt_value *import, struct vt_value *form)
{
    struct reading r = {.file = {.encoding = reader_encoding_of(vt_get_text(form, "encoding")),
                            .separator = separator_of(vt_get_text(form, "separator")),
                            .header = vt_str_eq(vt_get_text(form, "header"), VT("yes"))},
        .dates = vt_get_text(form, "dates"),
        .region = vt_get_text(form, "region")};
    enum reader_encoding was = reader_encoding_of(vt_get_text(import, "encoding"));
    r.file.mark = was == r.file.encoding ? (size_t)vt_get_int(import, "mark", 0) : 0;
    struct vt_str id = vt_get_text(import, "id");
    struct vt_value *view = vt_object(call);
    vt_set_text(call, view, "id", id);
    if (save_reading(call, import, &r))
        vt_response_done(
            call, 200, vt_str_format(call, STORE_PATH "%.*s", (int)id.len, id.p), view);
    else if (!vt_failed(call))
        vt_response_problem(call, VT("conflict"));
}

// From the form's choices, "0" to "59" or none; false when one is wrong or needed.
struct chosen {
    struct vt_value *mapping, *errors;
};

static bool read_mapping(
    struct vt_call *call, int64_t columns, struct vt_value *form, struct chosen *out)
{
    bool used[READER_CELLS_MAX] = {false}, good = true;
    for (int i = 0; i < DETECT_FIELDS; i++) {
        int64_t column = vt_get_int(form, detect_fields[i], -1);
        const char *why = NULL;
        if (column < 0 || column >= columns)
            why = i == FIELD_NAME || i == FIELD_EMAIL ? "map.needed" : NULL;
        else if (used[column])
            why = "map.taken";
        else {
            used[column] = true;
            vt_set_int(call, out->mapping, detect_fields[i], column);
        }
        if (why) {
            struct vt_str said = vt_translate_text(call, vt_str_of(why), NULL);
            vt_form_refuse(call, vt_str_of(detect_fields[i]), said);
            vt_set_text(call, out->errors, detect_fields[i], said);
        }
        good &= !why;
    }
    return good;
}

static void look(struct vt_call *call, struct vt_value *import, struct vt_value *form)
{
    struct vt_value *steps = vt_list(call), *mapping = vt_object(call), *view = vt_object(call);
    struct vt_value *errors = vt_object(call);
    struct vt_str refused, id = vt_get_text(import, "id");
    struct chosen chosen = {mapping, errors};
    if (!read_mapping(call, vt_get_int(import, "columns", 0), form, &chosen)) {
        vt_response_invalid(call, VT("map"), page_map_view(call, import, mapping, errors));
        return;
    }
    vt_db_step(call, steps, VT("look_begin"),
        vt_list_of(call, vt_get(import, "id"), vt_get(form, "version"), vt_get(form, "dates"),
            vt_get(form, "region"), mapping, vt_int(call, vt_time_now()), NULL));
    vt_db_step(call, steps, VT("file_unlook"), vt_list_of(call, vt_get(import, "id"), NULL));
    store_add_job(call, steps, "look", id, 0);
    vt_set_text(call, view, "id", id);
    if (store_write(call, steps, &refused))
        vt_response_done(
            call, 200, vt_str_format(call, STORE_PATH "%.*s", (int)id.len, id.p), view);
    else if (!vt_failed(call))
        vt_response_problem(call, VT("conflict"));
}

void file_map(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *import = store_require(call, request), *form = vt_get(request, "form");
    if (!import)
        return;
    bool again = vt_str_eq(vt_get_text(form, "go"), VT("read"));
    bool stale = vt_get_int(form, "version", -1) != vt_get_int(import, "version", 0);
    if (vt_get_bool(request, "refused", false))
        vt_response_invalid(
            call, VT("map"), page_map_view(call, import, vt_get(import, "mapping"), NULL));
    else if (stale || !(store_is(import, "mapping") || store_is(import, "preview")))
        vt_response_problem(call, VT("conflict"));
    else if (again)
        read_again(call, import, form);
    else
        look(call, import, form);
}

void file_discard(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *import = store_require(call, request), *steps = vt_list(call);
    struct vt_value *view = vt_object(call);
    struct vt_str refused;
    if (!import)
        return;
    vt_db_step(call, steps, VT("file_discard"),
        vt_list_of(call, vt_get(import, "id"), vt_get(vt_get(request, "form"), "version"), NULL));
    vt_set(call, view, "id", vt_get(import, "id"));
    if (store_write(call, steps, &refused))
        vt_response_done(call, 200, VT(STORE_PATH), view);
    else if (!vt_failed(call))
        vt_response_problem(call, VT("conflict"));
}
