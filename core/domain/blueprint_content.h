// Writes what a site.json lists into a new site's tables. Private to domain/blueprint.c.
#pragma once

#include "data/db.h"

struct content {
    struct arena *a;
    struct tx *tx;
    struct str tenant; // as a parameter
    struct str art;    // folder of its pictures: "spa", "acequia"
    struct str now;
    bool samples;
    const struct value *file;
    const char *at; // what was being written, for the log
};

// False at the first statement that fails; the transaction is then only good for rolling back.
bool content_write(struct content *c);
