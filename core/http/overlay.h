// A site's own templates: compiled with the site's object, standing in for the built-in ones of the
// same name. One with a mistake is left out, so that the built-in one serves, and the mistake is
// written where the manager sees it.
#pragma once

// Registers with the loading of sites; after the templates were loaded.
void overlay_start(void);
