#include "web/office/settings/password.h"

#include "domain/password.h"
#include "http/form.h"
#include "web/office/settings/panel.h"

void password_check_strength(struct request *r, struct str email, struct str name)
{
    struct str rest = email, password = form_str(r, KEY(password));
    const struct str related[] = {str_cut(&rest, '@'), name, r->site->slug, r->site->name};
    if (password.len && password_is_weak(r->arena, password, related, 4))
        panel_refuse(r, "password", "password_weak", "platform.signup.password_weak");
}

void password_field(struct request *r, struct value *panel)
{
    panel_field(r, panel,
        &(struct panel_field){.name = "password",
            .label = "office.account.wanted",
            .hint = "office.account.wanted_hint",
            .kind = PANEL_PASSWORD,
            .autocomplete = "new-password",
            .required = true});
}
