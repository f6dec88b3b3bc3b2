#include "web/web.h"

#include "domain/erasure.h"
#include "domain/ledger_verify.h"
#include "domain/order_place.h"
#include "domain/person_link.h"
#include "domain/site_day.h"
#include "domain/slot_change.h"
#include "domain/slot_choice.h"
#include "domain/text_message.h"
#include "domain/webhook_send.h"
#include "http/openapi.h"
#include "web/api.h"
#include "web/console/console.h"
#include "web/mail/mail.h"
#include "web/office/customers/many.h"
#include "web/office/exports/exports.h"
#include "web/office/office.h"
#include "web/platform/platform.h"
#include "web/storefront/sale.h"
#include "web/storefront/storefront.h"

static struct web_config settings;

bool web_load(struct arena *a, const char *home, struct source_error *e)
{
    struct str folder = str_join(a, str_of(home), STR("/web"), STR_NULL);
    return mail_words_load(a, home, e) && openapi_load(a, folder.p, e);
}

void web_start(const struct web_config *config)
{
    settings = *config;
    storefront_start();
    sale_start();
    mail_start();
    site_day_start();
    ledger_verify_start();
    erasure_start(config->smtp_url.len ? STR_NULL : config->state);
    person_link_start();
    text_message_start(config->text_url, config->state);
    payment_jobs_start();
    slot_change_start();
    slot_choice_start();
    exports_start();
    many_start();
    webhook_send_start(config->webhooks_to_self, config->haste);
    office_start();
    console_start();
    platform_start();
    api_start();
}

const struct web_config *web_config(void)
{
    return &settings;
}
