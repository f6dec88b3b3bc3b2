// The provider's API as this plugin speaks it. The site's account has the site's name; its keys are
// derived from the installation's secret, a file that provider and server share, so nothing secret
// is stored. Everything lives in the call.
#pragma once

#include "vitrine.h"

// Whether the operator runs a provider: VITRINE_SANDBOX_PAY_URL and …_SECRET_FILE.
bool provider_is_there(struct vt_call *call);

struct provider_request {
    const char *method;
    struct vt_str path;    // below /v1
    struct vt_value *body; // NULL: none
    struct vt_str once;    // idempotency key; may be absent
};

// The answer's JSON with `status` set; NULL when the provider gave none in time or was unable,
// which is logged and may be tried again.
struct vt_value *provider_ask(struct vt_call *call, const struct provider_request *request);

// Whether the signature is the provider's, of these bytes, made within the last minutes.
bool provider_signed(struct vt_call *call, struct vt_str signature, struct vt_str body);
