// Descriptions that venues write in Markdown (CommonMark), made safe HTML: raw HTML and script
// addresses are dropped, pictures from elsewhere become their words, headings start at h3 so that
// they stay below the page's own.
#pragma once

#include "base/str.h"

enum { MARKDOWN_LEN_MAX = 64 * 1024 };

// Input is valid UTF-8; what is longer than MARKDOWN_LEN_MAX is cut there.
struct str markdown_html(struct arena *a, struct str markdown);
// The words alone, on one line, for summaries and meta descriptions; `max` bytes at most.
struct str markdown_summary(struct arena *a, struct str markdown, size_t max);
