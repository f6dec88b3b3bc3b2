// An address on the web that somebody of a site typed and that this server shall speak to. What can
// be told from the text is told here: https, no name and password in it, an ordinary port. Whether
// its host leads to an address that is public is asked when it is saved (target_resolve) and, of
// the address itself, at every connection (transfer.h).
#pragma once

#include "base/str.h"

enum target_fault {
    TARGET_GOOD,
    TARGET_MALFORMED, // not an address of the web
    TARGET_PLAIN,     // http
    TARGET_SECRETS,   // carries a name or a password
    TARGET_PORT,      // one that other services live on
    TARGET_PRIVATE,   // leads to an address that isn't public
    TARGET_UNKNOWN,   // no such host
    TARGET_BUSY,      // the name couldn't be looked up now
};

enum { TARGET_MAX = 1000 };

// `own`: hosts that are named as this machine are let through, also with http. `*url` becomes what
// is meant: host in lower case, addresses in their usual form, no fragment.
enum target_fault target_read(struct arena *a, struct str typed, bool own, struct str *url);
// From a fiber, for what target_read let through.
enum target_fault target_resolve(struct arena *a, struct str url, bool own);
