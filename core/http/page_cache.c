#include "http/page_cache.h"

#include "base/check.h"
#include "base/hash.h"
#include "data/cache.h"
#include "data/revision.h"
#include "http/compress.h"
#include "http/host.h"
#include "http/respond.h"

enum { WAIT_MS = 2000, KEPT_MS = 3600 * 1000, KEY_MAX = 1024 };

struct head {
    uint32_t plain_len, packed_len;
    uint32_t type_len;
    bool begins_visit;
    char etag[20]; // with its quotes
    char type[64], caching[64];
};

static int64_t silence_max_ms;

void page_cache_init(int64_t longest_silence_ms)
{
    silence_max_ms = longest_silence_ms;
}

// While the database is away the shop window stays, but not for longer than a change may be missed.
static bool is_trusted(void)
{
    return revision_silence_ms() <= silence_max_ms;
}

static void release(void *owner)
{
    cache_release(owner);
}

static const struct head *head_of(const struct cache_entry *e)
{
    check(e->head.len == sizeof(struct head));
    return (const struct head *)e->head.p;
}

static struct cached_answer answer_of(const struct cache_entry *e, const struct server_lookup *l)
{
    const struct head *h = head_of(e);
    struct cached_answer answer = {.status = 200,
        .type = str_n(h->type, h->type_len),
        .etag = str_of(h->etag),
        .caching = str_of(h->caching),
        .vary = STR("accept-encoding, accept, cookie"),
        .body = str_sub(e->body, 0, h->plain_len),
        .release = release,
        .owner = (void *)e};
    if (str_starts(answer.type, STR("text/html")))
        answer.policy = respond_own_policy();
    if (str_find(l->if_none_match, answer.etag) >= 0) {
        answer.status = 304;
        answer.body = STR("");
    } else if (l->accepts_gzip && h->packed_len) {
        answer.encoding = STR("gzip");
        answer.body = str_sub(e->body, h->plain_len, e->body.len);
    }
    return answer;
}

// 'j' or 'p', then path and query as they came: only the canonical spelling is ever stored.
static size_t write_key(char *out, bool json, struct str path)
{
    if (path.len + 1 > KEY_MAX)
        return 0;
    out[0] = json ? 'j' : 'p';
    memcpy(out + 1, path.p, path.len);
    return path.len + 1;
}

// The front door redirects readers of another language, so it needs a closer look then.
static bool may_redirect(const struct server_lookup *l, const struct site *site)
{
    return str_is(l->path, "/") && !l->wants_json && l->accept_language.len &&
           !str_starts(l->accept_language, site->languages[0]);
}

struct cached_answer page_cache_find(const struct server_lookup *l)
{
    char key[KEY_MAX];
    struct cached_answer none = {0};
    struct str slug = host_slug(l->authority);
    size_t len = write_key(key, l->wants_json, l->path);
    if (l->is_personal || !slug.len || !len)
        return none;
    struct site *site = site_peek(slug);
    if (!site)
        return none;
    const struct cache_entry *e = NULL;
    if (site->state == SITE_OPEN && !may_redirect(l, site) && is_trusted())
        e = cache_find(site->tenant, str_n(key, len));
    site_release(site);
    if (e && head_of(e)->begins_visit) {
        cache_release(e);
        return none;
    }
    return e ? answer_of(e, l) : none;
}

static void respond_from(struct request *r, const struct cache_entry *e)
{
    const struct head *h = head_of(e);
    struct str etag = str_dup(r->arena, str_of(h->etag));
    struct str caching = str_dup(r->arena, str_of(h->caching));
    bool same = str_find(r->if_none_match, etag) >= 0;
    r->response.status = same ? 304 : 200;
    r->response.type = str_dup(r->arena, str_n(h->type, h->type_len));
    r->response.body = same ? STR("") : str_dup(r->arena, str_sub(e->body, 0, h->plain_len));
    r->response.begins_visit = h->begins_visit;
    r->response.header_count = 0;
    respond_header(r, "etag", etag);
    respond_header(r, "cache-control", caching);
    if (str_starts(r->response.type, STR("text/html")))
        respond_policy(r);
}

bool page_cache_answer(struct request *r, struct cache_claim **claim)
{
    char key[KEY_MAX];
    *claim = NULL;
    if (!is_trusted())
        return false;
    // Only this spelling is ever stored.
    struct str path = str_join(r->arena, request_url(r, r->path), request_query(r), STR_NULL);
    size_t len = write_key(key, r->wants_json, path);
    if (!len)
        return false;
    struct cache_want want = {r->site->tenant, str_dup(r->arena, str_n(key, len)), true, WAIT_MS};
    const struct cache_entry *e = cache_claim(&want, claim);
    if (!e)
        return false;
    respond_from(r, e);
    cache_release(e);
    return true;
}

// What the handler said, or: ask again each time.
static struct str caching_of(const struct response *out)
{
    for (int i = 0; i < out->header_count; i++)
        if (str_is(out->headers[i].name, "cache-control"))
            return out->headers[i].value;
    return STR("no-cache");
}

static struct head make_head(struct request *r, size_t packed_len)
{
    struct head h = {.plain_len = (uint32_t)r->response.body.len,
        .packed_len = (uint32_t)packed_len,
        .type_len = (uint32_t)r->response.type.len,
        .begins_visit = r->response.begins_visit};
    struct sha256 digest = hash_sha256(r->response.body);
    struct str hex = str_hex(r->arena, digest.bytes, 8);
    check(h.type_len < sizeof h.type);
    memcpy(h.type, r->response.type.p, h.type_len);
    struct str caching = caching_of(&r->response);
    check(caching.len < sizeof h.caching);
    memcpy(h.caching, caching.p, caching.len);
    h.etag[0] = '"';
    memcpy(h.etag + 1, hex.p, 16);
    h.etag[17] = '"';
    return h;
}

void page_cache_keep(struct request *r, struct cache_claim *claim)
{
    if (!claim)
        return;
    struct response *out = &r->response;
    if (out->status != 200 || !out->shareable || r->session.id) {
        cache_abandon(claim);
        return;
    }
    struct str packed = compress_gzip(r->arena, out->body, COMPRESS_KEPT);
    if (!packed.p)
        packed = STR("");
    struct head h = make_head(r, packed.len);
    struct cache_value value = {.revision = r->site->revision,
        .ttl_ms = r->route->fresh_ms ? r->route->fresh_ms : KEPT_MS,
        .head = str_n(&h, sizeof h),
        .body = str_join(r->arena, out->body, packed, STR_NULL)};
    const struct cache_entry *e = cache_fill(claim, &value);
    respond_from(r, e);
    cache_release(e);
}
