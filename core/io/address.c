#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct range4 {
    uint32_t network;
    int bits;
};

// IANA's registry of special-purpose addresses (RFC 6890), multicast and reserved.
static const struct range4 special4[] = {
    {0x00000000, 8},  // this network
    {0x0a000000, 8},  // private
    {0x64400000, 10}, // shared by carriers
    {0x7f000000, 8},  // loopback
    {0xa9fe0000, 16}, // link-local, metadata services of clouds
    {0xac100000, 12}, // private
    {0xc0000000, 24}, // protocol assignments
    {0xc0000200, 24}, // documentation
    {0xc0586300, 24}, // 6to4 relays
    {0xc0a80000, 16}, // private
    {0xc6120000, 15}, // benchmarks
    {0xc6336400, 24}, // documentation
    {0xcb007100, 24}, // documentation
    {0xe0000000, 4},  // multicast
    {0xf0000000, 4},  // reserved, broadcast
};

struct range6 {
    uint8_t network[4];
    int bits;
};

// What isn't an ordinary host inside 2000::/3.
static const struct range6 special6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    {{0x20, 0x02, 0x00, 0x00}, 16}, // 6to4: an IPv4 address in disguise
    {{0x3f, 0xff, 0x00, 0x00}, 20}, // documentation
};

static bool is_public4(uint32_t host_order)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
        if ((host_order ^ special4[i].network) >> (32 - special4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_public6(const uint8_t *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, translated, 12) == 0)
        return is_public4(big_endian(a + 12));
    if ((a[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++)
        if ((big_endian(a) ^ big_endian(special6[i].network)) >> (32 - special6[i].bits) == 0)
            return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return is_public6(in6.sin6_addr.s6_addr);
    }
    return false;
}

bool address_is_own(const struct sockaddr *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&in6, address, sizeof in6);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

bool address_is_loopback(const char *host)
{
    struct in_addr in;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           strcmp(host, "::1") == 0 ||
           (inet_pton(AF_INET, host, &in) == 1 && ntohl(in.s_addr) >> 24 == 127);
}

enum { TEXT_MAX = INET6_ADDRSTRLEN };

// False for what no address is written like.
static bool parse(struct str text, int family, void *bytes)
{
    char zero_ended[TEXT_MAX];
    if (text.len >= sizeof zero_ended || !text.len)
        return false;
    memcpy(zero_ended, text.p, text.len);
    zero_ended[text.len] = 0;
    return inet_pton(family, zero_ended, bytes) == 1;
}

bool address_is_valid(struct str text)
{
    unsigned char bytes[16];
    return parse(text, AF_INET, bytes) || parse(text, AF_INET6, bytes);
}

struct str address_network(struct arena *a, struct str text)
{
    unsigned char bytes[16];
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (!parse(text, AF_INET6, bytes) || memcmp(bytes, mapped, sizeof mapped) == 0)
        return text;
    return str_join(a, str_hex(a, bytes, 8), STR("::/64"), STR_NULL);
}
