#include "web/web.h"

#include "web/storefront/storefront.h"

static struct web_config settings;

void web_start(const struct web_config *config)
{
    settings = *config;
    storefront_start();
}

const struct web_config *web_config(void)
{
    return &settings;
}
