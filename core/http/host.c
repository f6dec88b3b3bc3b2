#include "http/host.h"

static struct str platform, public_port;
static bool public_https;

void host_init(struct str platform_host, struct str port, bool https)
{
    platform = platform_host;
    public_port = port;
    public_https = https;
}

struct str host_url(struct arena *a, struct str host)
{
    return str_join(
        a, public_https ? STR("https://") : STR("http://"), host, public_port, STR_NULL);
}

struct str host_platform(void)
{
    return platform;
}

static struct str without_port(struct str authority)
{
    ptrdiff_t colon = str_index(authority, ':');
    return colon < 0 ? authority : str_sub(authority, 0, (size_t)colon);
}

bool host_is_platform(struct str authority)
{
    return str_ieq(without_port(authority), platform);
}

// What the sign-up lets through, in any case; the database is not asked for anything else.
static bool is_label(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i] | 0x20;
        if (!((c >= 'a' && c <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-'))
            return false;
    }
    return s.len > 0 && s.len <= 63;
}

struct str host_slug(struct str authority)
{
    struct str host = without_port(authority);
    if (host.len < platform.len + 2)
        return STR_NULL;
    size_t at = host.len - platform.len;
    if (host.p[at - 1] != '.' || !str_ieq(str_sub(host, at, host.len), platform))
        return STR_NULL;
    struct str slug = str_sub(host, 0, at - 1);
    return is_label(slug) ? slug : STR_NULL;
}
