#include "web/office/settings/look.h"

#include "base/colour.h"
#include "web/office/settings/panel.h"

const char *const look_fonts[] = {"editorial", "grotesk", "humanist", "display", NULL};
const char *const look_corners[] = {"soft", "sharp", NULL};
const char *const look_headers[] = {"light", "brand", "dark", NULL};

static void take_colour(struct request *r, struct value *branding, const char *name)
{
    struct colour colour;
    value_key key = value_key_intern(str_of(name));
    struct str typed = form_str(r, key);
    if (!typed.len)
        return;
    if (colour_parse(typed, &colour))
        value_set_str(r->arena, branding, key, colour_text(r->arena, colour));
    else
        panel_refuse(r, name, "colour", "office.branding.colour_wrong");
}

struct value *look_of_form(struct request *r)
{
    static const char *const choices[] = {"fonts", "corners", "header"};
    struct value *branding = value_copy(r->arena, r->site->branding);
    take_colour(r, branding, "brand");
    take_colour(r, branding, "accent");
    for (int i = 0; i < 3; i++) {
        value_key key = value_key_intern(str_of(choices[i]));
        struct str chosen = form_str(r, key);
        if (chosen.len)
            value_set_str(r->arena, branding, key, chosen);
    }
    return branding;
}
