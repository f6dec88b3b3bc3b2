// Visitors leave a note; the back office reads them. See README.md and ../README.md.
#include <vitrine.h>

static struct vt_value *page(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *view = vt_object(call);
    vt_set(call, view, "greeting", vt_settings_get(call, VT("greeting")));
    vt_set_text(call, view, "action", vt_site_url(call, VT("/x/@name@/")));
    vt_set(call, view, "thanks", vt_get(vt_get(request, "form"), "thanks"));
    return view;
}

static void show(struct vt_call *call, struct vt_value *request)
{
    vt_response_page(call, 200, VT("notes"), page(call, request));
}

static void add_note(struct vt_call *call, struct vt_value *note)
{
    struct vt_value *steps = vt_list(call), *job = vt_object(call), *data = vt_object(call);
    struct vt_str refused;
    vt_db_step(call, steps, VT("add_note"), vt_list_of(call, note, NULL));
    vt_set(call, data, "note", note);
    vt_set_text(call, job, "job", VT("tell"));
    vt_set(call, job, "data", data);
    vt_append(call, steps, job);
    vt_db_write(call, steps, &refused);
}

static void leave(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *note = vt_get(vt_get(request, "form"), "note");
    if (vt_get_bool(request, "refused", false)) {
        vt_response_invalid(call, VT("notes"), page(call, request));
        return;
    }
    add_note(call, note);
    struct vt_value *answer = vt_object(call);
    vt_set(call, answer, "note", note);
    vt_response_done(call, 201, VT("/x/@name@/?thanks=1"), answer);
}

static void read_notes(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *notes = vt_db_read(call, VT("newest_notes"), NULL), *view = vt_object(call);
    (void)request;
    for (size_t i = 0; i < vt_count(notes); i++) {
        struct vt_value *note = vt_at(notes, i);
        int64_t left_us = vt_get_int(note, "left_us", 0);
        vt_set_text(call, note, "left", vt_format_time(call, left_us));
    }
    vt_set(call, view, "notes", notes);
    vt_response_page(call, 200, VT("office"), view);
}

// A blueprint may bring the first notes: "@name@": ["…"] in its site.json.
static struct vt_value *switched_on(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *seed = vt_get(in, "seed"), *steps = vt_list(call);
    struct vt_str refused;
    for (size_t i = 0; i < vt_count(seed); i++)
        vt_db_step(call, steps, VT("add_note"), vt_list_of(call, vt_at(seed, i), NULL));
    if (vt_count(steps))
        vt_db_write(call, steps, &refused);
    return NULL;
}

static enum vt_job_result tell(struct vt_call *call, struct vt_value *data)
{
    struct vt_str to = vt_get_text(vt_get(vt_site_info(call), "contact"), "email");
    struct vt_value *variables = vt_object(call);
    vt_set(call, variables, "note", vt_get(data, "note"));
    if (to.p && vt_as_bool(vt_settings_get(call, VT("tell")), false))
        vt_mail_send(call, VT("note_left"), to, variables);
    return VT_JOB_DONE;
}

static const struct vt_hook hooks[] = {{"switched_on", switched_on}, {0}};
static const struct vt_route routes[] = {
    {"show", show}, {"leave", leave}, {"read", read_notes}, {0}};
static const struct vt_job jobs[] = {{"tell", tell}, {0}};

VT_PLUGIN("@name@", .hooks = hooks, .routes = routes, .jobs = jobs);
