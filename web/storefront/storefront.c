#include "web/storefront/storefront.h"

void storefront_start(void)
{
}
