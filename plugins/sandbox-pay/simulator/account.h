// Accounts of shops. Nothing is stored: an account's keys are derived from the installation's
// secret, which the simulator and the shops' server share as a file, so an account has the same
// keys after a restart, and one shop's key opens no other shop's payments.
#pragma once

#include "base/str.h"

enum { ACCOUNT_NAME_MAX = 60 };

// Reads the secret, making it (mode 0600) where there is none.
bool account_secret_load(struct arena *a, struct str path);

// The account of "Bearer sk_sandbox_ACCOUNT_…"; absent unless the key is right.
struct str account_of_key(struct arena *a, struct str authorization);
// What its notifications are signed with.
struct str account_notify_secret(struct arena *a, struct str account);
// Whether it is "Bearer" and the installation's secret itself: the tests' controls.
bool account_is_installation(struct str authorization);
