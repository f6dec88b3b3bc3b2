#include "http/markdown.h"

#include <cmark.h>
#include <stdlib.h>

enum { HEADING_SHIFT = 2, HEADING_MAX = 6 };

static cmark_node *parse(struct str markdown)
{
    struct str s = str_utf8_clip(markdown, MARKDOWN_LEN_MAX);
    return cmark_parse_document(s.p ? s.p : "", s.len, CMARK_OPT_DEFAULT);
}

static bool is_ours(const char *url)
{
    return url && url[0] == '/' && url[1] != '/' && url[1] != '\\';
}

// A picture from elsewhere would call a third party: its words take its place.
static void replace_by_words(cmark_node *image)
{
    for (cmark_node *child; (child = cmark_node_first_child(image));)
        cmark_node_insert_before(image, child);
    cmark_node_free(image);
}

static void make_fitting(cmark_node *document)
{
    cmark_iter *iter = cmark_iter_new(document);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_HEADING) {
            int level = cmark_node_get_heading_level(node) + HEADING_SHIFT;
            cmark_node_set_heading_level(node, level > HEADING_MAX ? HEADING_MAX : level);
        }
        // On leaving, the iterator already stands behind the node, so it may go.
        if (event == CMARK_EVENT_EXIT && cmark_node_get_type(node) == CMARK_NODE_IMAGE &&
            !is_ours(cmark_node_get_url(node)))
            replace_by_words(node);
    }
    cmark_iter_free(iter);
}

struct str markdown_html(struct arena *a, struct str markdown)
{
    cmark_node *document = parse(markdown);
    make_fitting(document);
    // Without CMARK_OPT_UNSAFE raw HTML and javascript:, data: and file: addresses are dropped.
    char *html = cmark_render_html(document, CMARK_OPT_DEFAULT);
    struct str copy = str_dup(a, str_of(html));
    free(html);
    cmark_node_free(document);
    return copy;
}

static void add_words(char *out, size_t *len, size_t max, struct str words)
{
    for (size_t i = 0; i < words.len && *len < max; i++) {
        char c = words.p[i] == '\n' || words.p[i] == '\t' ? ' ' : words.p[i];
        if (c != ' ' || (*len && out[*len - 1] != ' '))
            out[(*len)++] = c;
    }
}

static bool separates(cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);
    return type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK ||
           type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING;
}

struct str markdown_summary(struct arena *a, struct str markdown, size_t max)
{
    // A few bytes more, so that clipping sees whether a character was cut.
    size_t room = max + 4, len = 0;
    char *out = arena_alloc(a, room);
    cmark_node *document = parse(markdown);
    cmark_iter *iter = cmark_iter_new(document);
    for (cmark_event_type event;
         len < room && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            add_words(out, &len, room, str_of(cmark_node_get_literal(node)));
        else if (separates(node))
            add_words(out, &len, room, STR(" "));
    }
    cmark_iter_free(iter);
    cmark_node_free(document);
    return str_trim(str_utf8_clip(str_n(out, len), max));
}
