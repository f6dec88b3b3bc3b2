// What cairo's PDF surface can't say: the document's language, and that a viewer's window shows its
// title. Appended as an incremental update (ISO 32000-1, 7.5.6), so the file's own bytes stay as
// they are. Pure.
#pragma once

#include "base/buf.h"

// `pdf` holds a file as cairo writes it. Left alone when its catalog can't be found or `lang` isn't
// a plain language tag; readers then guess.
void pdf_catalog_set_language(struct buf *pdf, struct str lang);
