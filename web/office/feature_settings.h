// The settings of a feature as a form: one field for each entry of its schema, named setting_KEY.
#pragma once

#include "domain/feature.h"
#include "http/request.h"

// Adds `settings` (fields with title, help, value, error) and `values` (as JSON) to the view.
// `given` is what was typed, NULL: as stored. `errors` are those of feature_save_settings.
void feature_settings_view(struct request *r, struct value *view, const struct feature_info *info,
    const struct value *given, const struct value *errors);
// What was sent, amounts read as their reader writes them.
struct value *feature_settings_sent(struct request *r, const struct feature_info *info);
// Settings as they are stored, completed; `base` with what was given.
struct value *feature_settings_stored(
    struct arena *a, const struct site *site, const struct feature_info *info);
struct value *feature_settings_merged(struct arena *a, const struct feature_info *info,
    const struct value *base, const struct value *given);
// Puts refusals into the request, in words.
void feature_settings_refuse(
    struct request *r, const struct feature_info *info, const struct value *errors);
