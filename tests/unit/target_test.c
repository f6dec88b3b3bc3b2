// What address a site may make the server talk to: every kind of address, and every way to write
// one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "io/address.h"
#include "io/target.h"

union any {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static union any address_of(const char *text)
{
    union any address = {.in = {.sin_family = AF_INET}};
    if (inet_pton(AF_INET, text, &address.in.sin_addr) == 1)
        return address;
    address.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
    assert_int_equal(inet_pton(AF_INET6, text, &address.in6.sin6_addr), 1);
    return address;
}

// The first and the last of every range that isn't public.
static const char *const inside[] = {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
    "100.64.0.0", "100.127.255.255", "127.0.0.0", "127.255.255.255", "169.254.0.0",
    "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
    "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0",
    "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
    "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:0.0.0.0", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:192.168.0.1", "::ffff:0:7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "100::1", "1fff:ffff::1", "2001::1",
    "2001:0:7f00:1::", "2001:1ff:ffff::1", "2001:db8::", "2001:db8:ffff:ffff::1",
    "2002::", "2002:7f00:1::1", "2002:a00:1::1", "2002:c0a8:1::1", "2002:ffff:ffff::1", "3fff::1",
    "3fff:fff:ffff::1", "4000::1", "5f00::1", "fc00::1", "fd12:3456:789a::1", "fdff:ffff::1",
    "fe80::1", "fe80::ffff:ffff", "febf::1", "fec0::1", "ff00::1", "ff02::1", "ffff::1"};

static const char *const outside[] = {"1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
    "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255",
    "203.0.114.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2000::1",
    "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "2a00:1450::1", "3ffe::1",
    "3ffe:ffff::1"};

static void which_addresses_are_public(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        union any address = address_of(inside[i]);
        if (address_is_public(&address.any))
            fail_msg("%s is taken for public", inside[i]);
    }
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        union any address = address_of(outside[i]);
        if (!address_is_public(&address.any))
            fail_msg("%s is not taken for public", outside[i]);
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(address_is_public(&other));
}

static void which_are_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool own;
    } cases[] = {{"127.0.0.1", true}, {"127.9.9.9", true}, {"::1", true}, {"126.0.0.1", false},
        {"128.0.0.1", false}, {"0.0.0.0", false}, {"::", false}, {"::ffff:127.0.0.1", false},
        {"10.0.0.1", false}, {"fe80::1", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        union any address = address_of(cases[i].text);
        assert_int_equal(address_is_own(&address.any), cases[i].own);
    }
}

struct target_case {
    const char *typed;
    enum target_fault fault;
    const char *url; // what is meant; NULL: as typed
};

static void try(const struct target_case *c, bool own)
{
    struct arena *a = arena_new();
    struct str url;
    enum target_fault fault = target_read(a, str_of(c->typed), own, &url);
    if (fault != c->fault)
        fail_msg("%s: %d, expected %d", c->typed, (int)fault, (int)c->fault);
    if (fault == TARGET_GOOD && !str_is(url, c->url ? c->url : c->typed))
        fail_msg("%s became %.*s", c->typed, STR_ARG(url));
    assert_int_equal(fault != TARGET_GOOD, !url.p);
    arena_free(a);
}

static void what_may_be_typed(void **state)
{
    (void)state;
    static const struct target_case cases[] = {
        {"https://example.org/hook", TARGET_GOOD, NULL},
        {"HTTPS://EXAMPLE.org/Hook?a=B", TARGET_GOOD, "https://example.org/Hook?a=B"},
        {"https://example.org", TARGET_GOOD, "https://example.org/"},
        {"https://example.org/x#part", TARGET_GOOD, "https://example.org/x"},
        {"https://example.org:443/x", TARGET_GOOD, NULL},
        {"https://example.org:8443/x", TARGET_GOOD, NULL},
        // One form of every address, so that what is looked at is what is called.
        {"https://2130706433/", TARGET_GOOD, "https://127.0.0.1/"},
        {"https://0x7f.1/", TARGET_GOOD, "https://127.0.0.1/"},
        {"https://017700000001/", TARGET_GOOD, "https://127.0.0.1/"},
        {"http://example.org/", TARGET_PLAIN, NULL},
        {"http://127.0.0.1/", TARGET_PLAIN, NULL},
        {"https://ann@example.org/", TARGET_SECRETS, NULL},
        {"https://ann:pass@example.org/", TARGET_SECRETS, NULL},
        {"https://example.org@127.0.0.1/", TARGET_SECRETS, NULL},
        {"https://example.org:22/", TARGET_PORT, NULL},
        {"https://example.org:80/", TARGET_PORT, NULL},
        {"https://example.org:5432/", TARGET_PORT, NULL},
        {"https://example.org:6379/", TARGET_PORT, NULL},
        {"https://localhost/", TARGET_PRIVATE, NULL},
        {"https://intranet/", TARGET_PRIVATE, NULL},
        {"", TARGET_MALFORMED, NULL},
        {"example.org", TARGET_MALFORMED, NULL},
        {"ftp://example.org/", TARGET_MALFORMED, NULL},
        {"file:///etc/passwd", TARGET_MALFORMED, NULL},
        {"https://example.org/a b", TARGET_MALFORMED, NULL},
        {"https://example.org/\r\nHost: x", TARGET_MALFORMED, NULL},
        {"https://example.org\\@127.0.0.1/", TARGET_MALFORMED, NULL},
        {"https://ex\xc3\xa4mple.org/", TARGET_MALFORMED, NULL},
        {"https://example.org:65536/", TARGET_MALFORMED, NULL},
        {"https://[::1", TARGET_MALFORMED, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        try(&cases[i], false);
}

static void where_this_machine_is_allowed(void **state)
{
    (void)state;
    static const struct target_case cases[] = {
        {"http://127.0.0.1:9000/x", TARGET_GOOD, NULL},
        {"http://localhost:9000/x", TARGET_GOOD, NULL},
        {"https://[::1]:9000/x", TARGET_GOOD, NULL},
        {"http://localhost/", TARGET_GOOD, NULL},
        {"http://127.0.0.1:6379/", TARGET_PORT, NULL},
        {"http://127.0.0.1:22/", TARGET_PORT, NULL},
        {"http://10.0.0.1:9000/", TARGET_PLAIN, NULL},
        {"http://example.org/", TARGET_PLAIN, NULL},
        {"https://intranet/", TARGET_PRIVATE, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        try(&cases[i], true);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(which_addresses_are_public),
        cmocka_unit_test(which_are_this_machine),
        cmocka_unit_test(what_may_be_typed),
        cmocka_unit_test(where_this_machine_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
