#include "main/config.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static const char *get(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static bool refuse(const char *name, const char *why)
{
    fprintf(stderr, "vitrine: %s=%s: %s\n", name, get(name, ""), why);
    return false;
}

static bool is_ip(const char *text)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool read_listen(struct arena *a, struct config *c)
{
    struct str listen = str_of(get("VITRINE_LISTEN", "127.0.0.1:8080"));
    size_t colon = listen.len;
    while (colon && listen.p[colon - 1] != ':')
        colon--;
    int64_t port;
    struct str address = str_sub(listen, 0, colon ? colon - 1 : 0);
    if (address.len > 2 && address.p[0] == '[')
        address = str_sub(address, 1, address.len - 1);
    if (!colon || !str_to_i64(str_sub(listen, colon, listen.len), &port) || port < 0 ||
        port > 65535 || !is_ip(str_z(a, address)))
        return refuse("VITRINE_LISTEN", "write an IP address and a port, such as 127.0.0.1:8080");
    c->listen_address = str_dup(a, address);
    c->listen_port = (int)port;
    return true;
}

static bool is_host_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' || ch == '.'))
            return false;
    }
    return s.len > 0 && s.len < 200 && s.p[0] != '.' && s.p[s.len - 1] != '.' &&
           str_find(s, STR("..")) < 0;
}

static bool is_database_url(const char *url)
{
    struct str s = str_of(url);
    return str_starts(s, STR("postgres://")) || str_starts(s, STR("postgresql://")) ||
           str_index(s, '=') > 0;
}

static bool read_databases(struct config *c)
{
    static const char advice[] = "write postgresql://user@host/name, or host=… dbname=… user=…";
    c->database_url = get("VITRINE_DATABASE_URL", NULL);
    c->database_platform_url = get("VITRINE_DATABASE_PLATFORM_URL", NULL);
    c->database_owner_url = get("VITRINE_DATABASE_OWNER_URL", NULL);
    if (c->database_url && !is_database_url(c->database_url))
        return refuse("VITRINE_DATABASE_URL", advice);
    if (c->database_platform_url && !is_database_url(c->database_platform_url))
        return refuse("VITRINE_DATABASE_PLATFORM_URL", advice);
    if (c->database_owner_url && !is_database_url(c->database_owner_url))
        return refuse("VITRINE_DATABASE_OWNER_URL", advice);
    return true;
}

static bool starts_with_any(const char *value, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (str_starts(str_of(value), str_of(*prefixes)))
            return true;
    return false;
}

static bool read_services(struct config *c)
{
    static const char *const redis[] = {"redis://", "unix://", NULL};
    static const char *const smtp[] = {"smtp://", "smtps://", "smtp+starttls://", NULL};
    static const char *const text[] = {"https://", "http://", NULL};
    c->redis_url = get("VITRINE_REDIS_URL", NULL);
    c->smtp_url = get("VITRINE_SMTP_URL", NULL);
    if (c->redis_url && !starts_with_any(c->redis_url, redis))
        return refuse("VITRINE_REDIS_URL", "write redis://host:port or unix:///path/of/socket");
    if (c->smtp_url && !starts_with_any(c->smtp_url, smtp))
        return refuse("VITRINE_SMTP_URL", "write smtp://user:password@host:port or smtps://…");
    c->text_url = get("VITRINE_TEXT_URL", NULL);
    if (c->text_url && !starts_with_any(c->text_url, text))
        return refuse("VITRINE_TEXT_URL", "write https://user:password@host/path of the gateway");
    c->tls_certificate = get("VITRINE_TLS_CERTIFICATE", NULL);
    c->tls_key = get("VITRINE_TLS_KEY", NULL);
    if (!c->tls_certificate != !c->tls_key)
        return refuse("VITRINE_TLS_CERTIFICATE", "set it together with VITRINE_TLS_KEY");
    return true;
}

// The binary stands in <home>/build; an installed one is told by VITRINE_HOME.
static bool read_folders(struct arena *a, struct config *c)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    struct str found = len > 0 ? str_dup(a, str_n(path, (size_t)len)) : STR(".");
    for (int up = 0; up < 2; up++)
        while (found.len && found.p[--found.len] != '/')
            ;
    c->home = get("VITRINE_HOME", str_z(a, found));
    if (!file_is_folder(str_join(a, str_of(c->home), STR("/web"), STR_NULL)))
        return refuse("VITRINE_HOME", "there is no folder web in it");
    struct str local = str_join(a, str_of(c->home), STR("/.local"), STR_NULL);
    c->state = get("VITRINE_STATE", local.p);
    return true;
}

static bool read_workers(struct config *c)
{
    int64_t workers = sysconf(_SC_NPROCESSORS_ONLN);
    const char *text = get("VITRINE_WORKERS", NULL);
    if (text &&
        (!str_to_i64(str_of(text), &workers) || workers < 1 || workers > CONFIG_WORKERS_MAX))
        return refuse("VITRINE_WORKERS", "write a number from 1 to 64");
    c->workers = (int)(workers > CONFIG_WORKERS_MAX ? CONFIG_WORKERS_MAX : workers);
    return true;
}

static bool read_holds(struct config *c)
{
    int64_t holds = 150;
    const char *text = get("VITRINE_HOLDS_PER_ADDRESS", NULL);
    if (text && (!str_to_i64(str_of(text), &holds) || holds < 0 || holds > 1000000))
        return refuse("VITRINE_HOLDS_PER_ADDRESS", "write a number, or 0 for no limit");
    c->holds_per_address = (int)holds;
    return true;
}

static bool read_host(struct arena *a, struct config *c)
{
    c->host = str_lower(a, str_of(get("VITRINE_HOST", "vitrine.localhost")));
    if (!is_host_name(c->host))
        return refuse("VITRINE_HOST", "write a host name without scheme and port");
    c->public_https = str_is(
        str_of(get("VITRINE_PUBLIC_SCHEME", c->tls_certificate ? "https" : "http")), "https");
    const char *given = get("VITRINE_PUBLIC_PORT", NULL);
    int64_t public_port = c->listen_port;
    if (given &&
        (!str_to_i64(str_of(given), &public_port) || public_port < 1 || public_port > 65535))
        return refuse("VITRINE_PUBLIC_PORT", "write a port number");
    bool usual = public_port == (c->public_https ? 443 : 80);
    c->public_port = usual ? STR("") : str_format(a, ":%d", (int)public_port);
    return true;
}

static int read_haste(void)
{
    int64_t haste = 1;
#ifdef VITRINE_TESTS
    str_to_i64(str_of(get("VITRINE_TEST_HASTE", "1")), &haste);
#endif
    return haste >= 1 && haste <= 100 ? (int)haste : 1;
}

// Variables that take one of two words.
static bool read_switches(struct config *c)
{
    static const struct {
        const char *name, *first, *second;
    } switches[] = {{"VITRINE_ACCESS_LOG", "on", "off"}, {"VITRINE_CACHE", "on", "off"},
        {"VITRINE_PUBLIC_SCHEME", "http", "https"}, {"VITRINE_WEBHOOKS_TO_SELF", "off", "on"}};
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        struct str value = str_of(get(switches[i].name, switches[i].first));
        if (!str_is(value, switches[i].first) && !str_is(value, switches[i].second))
            return refuse(switches[i].name, i == 2 ? "write http or https" : "write on or off");
    }
    for (struct str rest = c->trusted_proxies; rest.p;) {
        char address[64];
        struct str one = str_trim(str_cut(&rest, ','));
        if (one.len >= sizeof address)
            return refuse("VITRINE_TRUSTED_PROXIES", "write IP addresses, separated by commas");
        memcpy(address, one.p, one.len);
        address[one.len] = 0;
        if (!is_ip(address))
            return refuse("VITRINE_TRUSTED_PROXIES", "write IP addresses, separated by commas");
    }
    return true;
}

bool config_read(struct arena *a, struct config *c)
{
    *c = (struct config){0};
    c->trusted_proxies = str_of(get("VITRINE_TRUSTED_PROXIES", NULL));
    c->trace_file = get("VITRINE_TRACE_FILE", NULL);
    c->haste = read_haste();
    c->webhooks_to_self = str_is(str_of(get("VITRINE_WEBHOOKS_TO_SELF", "off")), "on");
    c->access_log = !str_is(str_of(get("VITRINE_ACCESS_LOG", "on")), "off");
    return read_folders(a, c) && read_listen(a, c) && read_databases(c) && read_services(c) &&
           read_host(a, c) && read_workers(c) && read_holds(c) && read_switches(c);
}
