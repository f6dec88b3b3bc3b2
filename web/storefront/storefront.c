#include "web/storefront/storefront.h"

#include "http/respond.h"

void storefront_start(void)
{
}

void offer_page(struct request *r, struct str slug, int status)
{
    (void)slug, (void)status;
    respond_problem(r, PROBLEM_CONFLICT);
}
