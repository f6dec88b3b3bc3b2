// /api/openapi.json: what programs that speak to a site, or to the platform, have to know.
#pragma once

void api_start(void);
