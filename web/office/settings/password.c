#include "web/office/settings/password.h"

#include "http/form.h"
#include "web/office/settings/panel.h"

void password_refuse(struct request *r, const char *field, enum password_fault fault)
{
    if (fault == PASSWORD_WEAK)
        panel_refuse(r, field, "password_weak", "platform.signup.password_weak");
    else if (fault == PASSWORD_LEAKED)
        panel_refuse(r, field, "password_leaked", "platform.signup.password_leaked");
}

void password_check_strength(struct request *r, struct str email, struct str name)
{
    struct str rest = email, password = form_str(r, KEY(password));
    const struct str related[] = {str_cut(&rest, '@'), name, r->site->slug, r->site->name};
    if (password.len)
        password_refuse(r, "password", password_fault(r->arena, password, related, 4));
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
