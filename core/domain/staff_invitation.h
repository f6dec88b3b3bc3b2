// Invitations to work at a site: a row with an end, a mail with a signed link to it. Sending it
// again gives a new end, and with it a new link; the old one leads nowhere then. Whoever follows
// the link gives a name and a password and is in. From fibers.
#pragma once

#include "domain/staff_member.h"

#define STAFF_INVITATION_US (7LL * 86400 * 1000000)

struct staff_invitation {
    int64_t id;
    struct str email, role, invited_by;
    int64_t expires_us;
};

// The link of an invitation, as a path of the site; what it may do stands in what is signed.
struct str staff_invitation_path(struct arena *a, int64_t tenant, int64_t id, int64_t expires_us);

struct staff_invite {
    struct str email, role;
    struct str language, link; // of the mail; the link is for `id` and `expires_us`
    int64_t expires_us;
};
// The mail of an invitation that the unit writes.
void staff_invitation_mail(struct unit *u, struct str inviter, const struct staff_invite *what);
// `c->id` is the new invitation's number (id_number()). STAFF_TAKEN: works here or is invited.
enum staff_result staff_invite(
    struct arena *a, const struct staff_change *c, const struct staff_invite *what);
// Its mail once more, with a new end. STAFF_GONE when there is none.
enum staff_result staff_invite_again(
    struct arena *a, const struct staff_change *c, struct staff_invite *what);
// The first owner of a site that somebody of the platform set up: again, or at another address; the
// earlier invitation's link leads nowhere then. STAFF_CHANGED: the site has an owner.
enum staff_result staff_invite_owner(
    struct arena *a, const struct staff_change *c, const struct staff_invite *what);
enum staff_result staff_invite_withdraw(struct arena *a, const struct staff_change *c);

// STAFF_GONE: no such invitation, its time is over, or the link was replaced.
enum staff_result staff_invitation_open(struct arena *a, const struct site *site, int64_t id,
    struct str token, struct staff_invitation *out);
// Who comes in by one.
struct staff_newcomer {
    struct str name, password;
    int64_t id; // of the new member, once it is done
};
enum staff_result staff_invitation_accept(struct arena *a, const struct site *site,
    const struct staff_invitation *what, struct staff_newcomer *who);
