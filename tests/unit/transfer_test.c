// HTTP and SMTP against small servers in threads of this test; which addresses are public.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "io/address.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/transfer.h"

static int http_port, smtp_port;

struct listener {
    int fd;
    void (*serve)(FILE *in, FILE *out);
};

static void *serve_one(void *arg)
{
    struct listener *l = arg;
    FILE *in = fdopen(l->fd, "r"), *out = fdopen(dup(l->fd), "w");
    l->serve(in, out);
    fclose(out);
    fclose(in);
    free(l);
    return NULL;
}

static void start_thread(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
    pthread_detach(thread);
}

static void *accept_all(void *arg)
{
    struct listener *l = arg;
    for (int fd; (fd = accept(l->fd, NULL, NULL)) >= 0;) {
        struct listener *one = malloc(sizeof *one);
        *one = (struct listener){fd, l->serve};
        start_thread(serve_one, one);
    }
    return NULL;
}

static int listen_on_loopback(struct listener *l)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    l->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(l->fd, (struct sockaddr *)&in, len), 0);
    assert_int_equal(listen(l->fd, 128), 0);
    assert_int_equal(getsockname(l->fd, (struct sockaddr *)&in, &len), 0);
    start_thread(accept_all, l);
    return ntohs(in.sin_port);
}

static void send_answer(FILE *out, const char *head, const char *body)
{
    fprintf(out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body), body);
}

static void answer(FILE *out, const char *path, const char *request)
{
    if (strncmp(path, "/echo", 5) == 0) {
        send_answer(out, "200 OK\r\nX-Two:  spaced value \r\nBad Name: x", request);
    } else if (strncmp(path, "/redirect", 9) == 0) {
        send_answer(out, "302 Found\r\nLocation: /echo", "");
    } else if (strncmp(path, "/large", 6) == 0) {
        fprintf(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 4096; i++)
            fprintf(out, "200\r\n%512s\r\n", "x");
        fprintf(out, "0\r\n\r\n");
    } else if (strncmp(path, "/heads", 6) == 0) {
        fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        for (int i = 0; i < 80; i++)
            fprintf(out, "X-%d: %500s\r\n", i, "y");
        fprintf(out, "\r\n");
    } else if (strncmp(path, "/early", 6) == 0) {
        fprintf(out, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n");
        send_answer(out, "503 Service Unavailable\r\nX-Late: 1", "sorry");
    } else if (strncmp(path, "/cut", 4) == 0) {
        fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    } else {
        sleep(30);
    }
    fflush(out);
}

static void serve_http(FILE *in, FILE *out)
{
    char request[16384], line[4096], path[256];
    for (;;) {
        size_t len = 0, body = 0;
        while (fgets(line, sizeof line, in) && strcmp(line, "\r\n") != 0) {
            sscanf(line, "Content-Length: %zu", &body);
            len += (size_t)snprintf(request + len, sizeof request - len, "%s", line);
        }
        if (len == 0 || sscanf(request, "%*s %255s", path) != 1)
            return;
        len += fread(request + len, 1, body, in);
        request[len] = 0;
        answer(out, path, request);
        if (strncmp(path, "/cut", 4) == 0)
            return;
    }
}

static char mail[4096], login[1024], recipient[1024];

static bool take_mail(FILE *in)
{
    char line[1024];
    mail[0] = 0;
    while (fgets(line, sizeof line, in)) {
        if (strcmp(line, ".\r\n") == 0)
            return true;
        strcat(mail, line[0] == '.' ? line + 1 : line);
    }
    return false;
}

static const char *answer_to_recipient(const char *line)
{
    snprintf(recipient, sizeof recipient, "%s", line);
    return strstr(line, "gone@")    ? "550 5.1.1 no such user"
           : strstr(line, "later@") ? "451 4.7.1 greylisted"
                                    : "250 ok";
}

static const char *answer_to_mail(FILE *in)
{
    if (!take_mail(in))
        return NULL;
    return strstr(recipient, "spam@") ? "554 5.7.1 refused" : "250 2.0.0 queued as 42";
}

static void serve_smtp(FILE *in, FILE *out)
{
    char line[1024];
    fprintf(out, "220 test ESMTP\r\n");
    for (fflush(out); fgets(line, sizeof line, in); fflush(out)) {
        const char *say = "250 ok";
        if (strncmp(line, "EHLO", 4) == 0) {
            say = "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME";
        } else if (strncmp(line, "AUTH", 4) == 0) {
            fprintf(out, "334 \r\n");
            fflush(out);
            if (!fgets(login, sizeof login, in))
                return;
            say = strstr(login, "AHdyb25n") ? "535 5.7.8 no" : "235 ok";
        } else if (strncmp(line, "RCPT", 4) == 0) {
            say = answer_to_recipient(line);
        } else if (strncmp(line, "DATA", 4) == 0) {
            fprintf(out, "354 go\r\n");
            fflush(out);
            say = answer_to_mail(in);
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say = "221 bye";
        }
        if (!say)
            return;
        fprintf(out, "%s\r\n", say);
    }
}

static struct transfer_response response;

static struct str url_of(const char *host, const char *path)
{
    return str_format(fiber_arena(), "http://%s:%d%s", host, http_port, path);
}

static enum transfer_result get(const char *path, struct transfer_request r)
{
    r.url = url_of("127.0.0.1", path);
    r.allow_private = true;
    return transfer_http(fiber_arena(), &r, &response);
}

static bool body_has(const char *text)
{
    return str_find(response.body, str_of(text)) >= 0;
}

static void plain_requests(void)
{
    assert_int_equal(get("/echo?a=b", (struct transfer_request){0}), TRANSFER_DONE);
    assert_int_equal(response.status, 200);
    assert_true(str_starts(response.body, STR("GET /echo?a=b HTTP/1.1\r\n")));
    assert_true(str_is(transfer_header_find(&response, STR("x-two")), "spaced value"));
    assert_false(transfer_header_find(&response, STR("Bad Name")).p);

    const struct transfer_header headers[] = {{STR("X-Signature"), STR("abc, \xc3\xa9")},
        {STR("Content-Type"), STR("application/json")}, {STR("X-Empty"), STR("")}};
    struct transfer_request post = {
        .method = STR("POST"), .headers = headers, .header_count = 3, .body = STR("{\"a\":1}")};
    assert_int_equal(get("/echo", post), TRANSFER_DONE);
    assert_true(str_starts(response.body, STR("POST /echo")));
    assert_true(body_has("X-Signature: abc, \xc3\xa9\r\n") && body_has("X-Empty:") &&
                body_has("Content-Length: 7\r\n") && body_has("{\"a\":1}"));
    assert_true(body_has("application/json") && !body_has("urlencoded") && !body_has("Expect"));
    post.method = STR("PUT");
    post.header_count = 0;
    post.body = STR("");
    assert_int_equal(get("/echo", post), TRANSFER_DONE);
    assert_true(str_starts(response.body, STR("PUT /echo")) && !body_has("Content-Type"));

    assert_int_equal(get("/redirect", (struct transfer_request){0}), TRANSFER_DONE);
    assert_int_equal(response.status, 302);
    assert_int_equal(get("/early", (struct transfer_request){0}), TRANSFER_DONE);
    assert_int_equal(response.status, 503);
    assert_true(str_is(response.body, "sorry"));
    assert_false(transfer_header_find(&response, STR("x-early")).p);
    assert_true(str_is(transfer_header_find(&response, STR("x-late")), "1"));
}

static void limits(void)
{
    struct transfer_request small = {.max_response = 1000, .timeout_ms = 5000};
    assert_int_equal(get("/large", small), TRANSFER_TOO_LARGE);
    small.max_response = 3 << 20;
    assert_int_equal(get("/large", small), TRANSFER_DONE);
    assert_int_equal(response.body.len, 4096 * 512);
    assert_int_equal(get("/heads", small), TRANSFER_TOO_LARGE);
    assert_int_equal(get("/cut", small), TRANSFER_UNREACHABLE);

    int64_t before = clock_mono_ms();
    assert_int_equal(get("/slow", (struct transfer_request){.timeout_ms = 50}), TRANSFER_LATE);
    fiber_set_deadline(clock_mono_ms() + 50);
    assert_int_equal(get("/slow", (struct transfer_request){0}), TRANSFER_LATE);
    assert_true(clock_mono_ms() - before < 3000);
    assert_int_equal(transfer_active(), 0);
}

static int results[16], finished;

static void slow_call(void *arg)
{
    (void)arg;
    struct transfer_response mine;
    struct transfer_request r = {
        .url = url_of("127.0.0.1", "/slow"), .allow_private = true, .timeout_ms = 500};
    results[transfer_http(fiber_arena(), &r, &mine)]++;
    finished++;
}

static void many(void)
{
    for (int i = 0; i < TRANSFER_ACTIVE_MAX + 5; i++)
        assert_true(fiber_start(slow_call, NULL, NULL));
    while (finished < TRANSFER_ACTIVE_MAX + 5)
        fiber_sleep(10);
    assert_int_equal(results[TRANSFER_BUSY], 5);
    assert_int_equal(results[TRANSFER_LATE], TRANSFER_ACTIVE_MAX);
}

static enum transfer_result get_public(struct str url)
{
    struct transfer_request r = {.url = url, .timeout_ms = 3000};
    return transfer_http(fiber_arena(), &r, &response);
}

static void inside_addresses(void)
{
    // Opens a connection that the others must not inherit.
    assert_int_equal(get("/echo", (struct transfer_request){0}), TRANSFER_DONE);
    static const char *const hosts[] = {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1",
        "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        assert_int_equal(get_public(url_of(hosts[i], "/echo")), TRANSFER_FORBIDDEN);
    // Nor does a proxy of the environment carry them there.
    setenv("http_proxy", str_format(fiber_arena(), "http://127.0.0.1:%d", http_port).p, 1);
    assert_int_equal(get_public(url_of("127.0.0.1", "/echo")), TRANSFER_FORBIDDEN);
    unsetenv("http_proxy");
}

static enum transfer_result with_header(struct str name, struct str value)
{
    const struct transfer_header header = {name, value};
    return get("/echo", (struct transfer_request){.headers = &header, .header_count = 1});
}

static void injections(void)
{
    static const char *const urls[] = {"", "ftp://h/", "file:///etc/passwd", "gopher://h", "//h",
        "http://h/\r\nX: y", "http://h/a b", "http://h\n", "nonsense", "http://"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_int_equal(get_public(str_of(urls[i])), TRANSFER_INVALID);
    assert_int_equal(with_header(STR("X"), STR("a\r\nY: b")), TRANSFER_INVALID);
    assert_int_equal(with_header(STR("X"), STR("a\0b")), TRANSFER_INVALID);
    assert_int_equal(with_header(STR("X: a\r\nY"), STR("b")), TRANSFER_INVALID);
    assert_int_equal(with_header(STR("Content-Length"), STR("1")), TRANSFER_INVALID);
    assert_int_equal(with_header(STR("HOST"), STR("other")), TRANSFER_INVALID);
    assert_int_equal(get("/echo", (struct transfer_request){.method = STR("GET / HTTP/1.1\r\nX:")}),
        TRANSFER_INVALID);
    struct str tls = str_format(fiber_arena(), "https://127.0.0.1:%d/", smtp_port);
    struct transfer_request r = {.url = tls, .allow_private = true, .timeout_ms = 3000};
    assert_int_equal(transfer_http(fiber_arena(), &r, &response), TRANSFER_UNTRUSTED);
    r.url = STR("http://no-such-host.invalid/");
    assert_int_equal(transfer_http(fiber_arena(), &r, &response), TRANSFER_UNKNOWN);
}

static enum transfer_result post_mail(const char *prefix, const char *to, struct str *reply)
{
    struct str url = str_format(fiber_arena(), "%s127.0.0.1:%d", prefix, smtp_port);
    struct transfer_mail m = {STR("box@site.example"), str_of(to),
        STR("Subject: x\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n")};
    return transfer_smtp(fiber_arena(), url, &m, reply);
}

static void mails(void)
{
    struct str reply = STR_NULL;
    assert_int_equal(post_mail("smtp://", "ana@guest.example", &reply), TRANSFER_DONE);
    assert_string_equal(mail, "Subject: x\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n");
    assert_true(str_starts(reply, STR("250 2.0.0 queued as 42")));
    assert_true(strstr(recipient, "<ana@guest.example>") != NULL);
    assert_int_equal(post_mail("smtp://", "gone@guest.example", &reply), TRANSFER_REFUSED);
    assert_true(str_starts(reply, STR("550 5.1.1")));
    assert_int_equal(post_mail("smtp://", "later@guest.example", &reply), TRANSFER_DEFERRED);
    assert_int_equal(post_mail("smtp://", "spam@guest.example", NULL), TRANSFER_REFUSED);

    assert_int_equal(post_mail("smtp://user:p%40ss@", "ana@guest.example", NULL), TRANSFER_DONE);
    assert_string_equal(login, "AHVzZXIAcEBzcw==\r\n");
    assert_int_equal(post_mail("smtp://wrong:x@", "ana@guest.example", NULL), TRANSFER_DEFERRED);
    // It doesn't offer TLS.
    assert_int_equal(post_mail("smtp+starttls://", "ana@guest.example", NULL), TRANSFER_DEFERRED);
    assert_int_equal(post_mail("smtps://", "ana@guest.example", NULL), TRANSFER_UNREACHABLE);

    static const char *const wrong[] = {"", "ana", "ana@guest.example>\r\nDATA", "a b@c.example",
        "ana@guest.example\r\n", "<ana@guest.example>"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(post_mail("smtp://", wrong[i], NULL), TRANSFER_INVALID);
    assert_int_equal(post_mail("http://", "ana@guest.example", NULL), TRANSFER_INVALID);
    assert_true(transfer_is_final(TRANSFER_REFUSED) && !transfer_is_final(TRANSFER_DEFERRED));
}

static void (*body)(void);

static void run_body(void *arg)
{
    (void)arg;
    body();
    loop_stop();
}

static void in_fiber(void (*run)(void))
{
    body = run;
    assert_true(fiber_start(run_body, NULL, NULL));
    loop_run(NULL);
}

static void requests_and_answers_are_carried(void **state)
{
    (void)state;
    in_fiber(plain_requests);
}

static void sizes_and_times_are_limited(void **state)
{
    (void)state;
    in_fiber(limits);
}

static void transfers_are_capped(void **state)
{
    (void)state;
    in_fiber(many);
}

static void the_inside_is_out_of_reach(void **state)
{
    (void)state;
    in_fiber(inside_addresses);
}

static void requests_that_lie_are_refused(void **state)
{
    (void)state;
    in_fiber(injections);
}

static void mails_are_accepted_refused_or_deferred(void **state)
{
    (void)state;
    in_fiber(mails);
}

static bool is_public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_is_public((struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_is_public((struct sockaddr *)&in6);
}

static void only_public_addresses_are_public(void **state)
{
    (void)state;
    static const char *const outside[] = {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.0.1",
        "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "198.17.0.1", "198.20.0.1",
        "223.255.255.255", "2a00:1450::1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"};
    static const char *const inside[] = {"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255",
        "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
        "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "203.0.113.9", "224.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "2001::1", "2002:7f00:1::", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "100::1", "3fff::1"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_true(is_public(outside[i]));
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        assert_false(is_public(inside[i]));
    struct sockaddr unix_socket = {.sa_family = AF_UNIX};
    assert_false(address_is_public(&unix_socket));
}

static int setup(void **state)
{
    (void)state;
    loop_init();
    fibers_init();
    transfer_init();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    transfer_fini();
    return 0;
}

int main(void)
{
    static struct listener http = {.serve = serve_http}, smtp = {.serve = serve_smtp};
    http_port = listen_on_loopback(&http);
    smtp_port = listen_on_loopback(&smtp);
#define on_loop(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        on_loop(requests_and_answers_are_carried),
        on_loop(sizes_and_times_are_limited),
        on_loop(transfers_are_capped),
        on_loop(the_inside_is_out_of_reach),
        on_loop(requests_that_lie_are_refused),
        on_loop(mails_are_accepted_refused_or_deferred),
        cmocka_unit_test(only_public_addresses_are_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
