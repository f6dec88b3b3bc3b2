// libcurl waits for the answer to a message, and for that to QUIT, without returning to its caller,
// also in its multi interface. So mails are sent by a few threads of their own, started when needed
// and kept with their connections; they never hold up the loop or the pool of offload.h.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "io/address.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/transfer.h"
#include "io/transfer_pool.h"

enum {
    THREADS_MAX = 4,
    TIMEOUT_MS = 60000,
    CONNECT_MAX_MS = 10000,
    TRY_MAX_MS = 5000,
    REPLY_MAX = 512
};

// One message; on the stack of the fiber that waits until a thread is done with it.
struct mail {
    struct str server; // as the caller named it
    const char *url, *from, *to;
    long tls; // CURLUSESSL_*
    struct str message;
    size_t sent;
    int64_t until_ms;
    char reply[REPLY_MAX];
    size_t reply_len;
    CURLcode code;
    long status;
    struct wait wait;
    struct mail *next;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t any;
    struct mail *todo, **todo_last, *finished;
    int threads, idle; // under the lock
    int waiting;       // fibers, on the loop's thread
    int event_fd;
    struct watch *watch;
} mails = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .any = PTHREAD_COND_INITIALIZER, .todo_last = &mails.todo};

static size_t on_message(char *to, size_t one, size_t room, void *owner)
{
    struct mail *m = owner;
    struct str part = str_sub(m->message, m->sent, m->sent + one * room);
    memcpy(to, part.p, part.len);
    m->sent += part.len;
    return part.len;
}

// Every line that the server says. The last one before curl's own QUIT is kept.
static size_t on_reply(char *p, size_t one, size_t len, void *owner)
{
    struct mail *m = owner;
    struct str line = str_sub(str_trim(str_n(p, one * len)), 0, REPLY_MAX);
    if (!str_starts(line, STR("221"))) {
        memcpy(m->reply, line.p, line.len);
        m->reply_len = line.len;
    }
    return one * len;
}

static void set_options(CURL *easy, struct mail *m, struct curl_slist *to, int64_t left_ms)
{
    int64_t connect_ms = left_ms < CONNECT_MAX_MS ? left_ms : CONNECT_MAX_MS;
    curl_easy_reset(easy);
    check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, TIMEOUT_MS / 1000L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_URL, m->url);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, m->tls);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, m->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->message.len);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_message);
    curl_easy_setopt(easy, CURLOPT_READDATA, m);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, m);
}

static void deliver(CURL *easy, struct mail *m)
{
    int64_t left_ms = m->until_ms - clock_mono_ms();
    m->code = CURLE_OPERATION_TIMEDOUT;
    if (left_ms <= 0)
        return;
    struct curl_slist *to = curl_slist_append(NULL, m->to);
    check(to);
    set_options(easy, m, to, left_ms);
    m->code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &m->status);
    curl_slist_free_all(to);
}

static struct mail *take_next(void)
{
    pthread_mutex_lock(&mails.lock);
    mails.idle++;
    while (!mails.todo)
        pthread_cond_wait(&mails.any, &mails.lock);
    mails.idle--;
    struct mail *m = mails.todo;
    if (!(mails.todo = m->next))
        mails.todo_last = &mails.todo;
    pthread_mutex_unlock(&mails.lock);
    return m;
}

// A thread's handle with its open connections.
struct carrier {
    CURL *easy;
    struct sha256 server;
};

// curl would reuse a connection without TLS for a mail that insists on it, so nothing is carried
// over from one server's address to another's.
static CURL *handle_for(struct carrier *c, struct str server)
{
    struct sha256 name = hash_sha256(server);
    if (c->easy && memcmp(&c->server, &name, sizeof name) == 0)
        return c->easy;
    curl_easy_cleanup(c->easy);
    *c = (struct carrier){curl_easy_init(), name};
    check(c->easy);
    return c->easy;
}

static void *thread_main(void *unused)
{
    (void)unused;
    struct carrier carrier = {0};
    for (;;) {
        struct mail *m = take_next();
        deliver(handle_for(&carrier, m->server), m);
        pthread_mutex_lock(&mails.lock);
        m->next = mails.finished;
        mails.finished = m;
        uint64_t one = 1;
        check(write(mails.event_fd, &one, sizeof one) == sizeof one);
        pthread_mutex_unlock(&mails.lock);
    }
}

static void on_finished(void *unused)
{
    (void)unused;
    uint64_t count;
    ssize_t ignored = read(mails.event_fd, &count, sizeof count);
    (void)ignored;
    pthread_mutex_lock(&mails.lock);
    struct mail *m = mails.finished;
    mails.finished = NULL;
    pthread_mutex_unlock(&mails.lock);
    for (struct mail *next; m; m = next) {
        next = m->next;
        wait_done(&m->wait);
    }
}

void transfer_mail_init(void)
{
    static const struct watch_handler handler = {.on_readable = on_finished};
    mails.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    check(mails.event_fd >= 0);
    mails.watch = watch_new(mails.event_fd, &handler, NULL);
    watch_read(mails.watch, true);
}

void transfer_mail_fini(void)
{
    check(mails.waiting == 0);
    watch_free(mails.watch);
    close(mails.event_fd);
}

static void start_thread(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    check(pthread_create(&thread, NULL, thread_main, NULL) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_detach(thread);
}

static void hand_over(struct mail *m)
{
    pthread_mutex_lock(&mails.lock);
    m->next = NULL;
    *mails.todo_last = m;
    mails.todo_last = &m->next;
    bool more = mails.idle == 0 && mails.threads < THREADS_MAX;
    mails.threads += more;
    pthread_cond_signal(&mails.any);
    pthread_mutex_unlock(&mails.lock);
    if (more)
        start_thread();
}

static long tls_for(bool starttls, bool local, bool login)
{
    if (starttls)
        return CURLUSESSL_ALL;
    // A relay on this machine often has a certificate that nobody signed, and no wire to guard.
    if (local)
        return CURLUSESSL_NONE;
    return login ? CURLUSESSL_ALL : CURLUSESSL_TRY;
}

static bool take_url(struct arena *a, struct str text, struct mail *m)
{
    bool starttls = str_starts(text, STR("smtp+starttls://"));
    if (!starttls && !str_starts(text, STR("smtp://")) && !str_starts(text, STR("smtps://")))
        return false;
    if (starttls)
        text = str_join(a, STR("smtp"), str_sub(text, 13, text.len), STR_NULL);
    m->url = str_z(a, text);
    CURLU *parts = curl_url();
    char *host = NULL, *user = NULL;
    bool valid = parts && curl_url_set(parts, CURLUPART_URL, m->url, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    bool login = valid && curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK;
    m->tls = valid ? tls_for(starttls, address_is_loopback(host), login) : 0;
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(parts);
    return valid;
}

bool transfer_smtp_try(struct arena *a, struct str url, struct str *why)
{
    char said[CURL_ERROR_SIZE] = "the address can't be understood";
    struct mail m = {.status = 0};
    CURL *easy = take_url(a, url, &m) ? curl_easy_init() : NULL;
    if (easy) {
        set_options(easy, &m, NULL, TRY_MAX_MS);
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
        curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
        m.code = curl_easy_perform(easy);
        if (m.code != CURLE_OK && !said[0])
            memcpy(said, "no answer", sizeof "no answer");
    }
    bool ok = easy && m.code == CURLE_OK;
    curl_easy_cleanup(easy);
    *why = str_dup(a, str_of(said));
    return ok;
}

static enum transfer_result result_of(const struct mail *m)
{
    switch (m->code) {
    case CURLE_OK:
        return TRANSFER_DONE;
    case CURLE_OPERATION_TIMEDOUT:
        return TRANSFER_LATE;
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
        // The operator's to mend, not the message's fault.
        return TRANSFER_DEFERRED;
    default:
        return m->status >= 500 && m->status < 600   ? TRANSFER_REFUSED
               : m->status >= 400 && m->status < 500 ? TRANSFER_DEFERRED
                                                     : TRANSFER_UNREACHABLE;
    }
}

static int64_t until(void)
{
    int64_t latest = clock_mono_ms() + TIMEOUT_MS;
    return fiber_deadline() < latest ? fiber_deadline() : latest;
}

enum transfer_result transfer_smtp(
    struct arena *a, struct str url, const struct transfer_mail *mail, struct str *reply)
{
    struct mail m = {.server = url, .message = mail->message, .until_ms = until()};
    if (!text_is_email(mail->from) || !text_is_email(mail->to) || !take_url(a, url, &m))
        return TRANSFER_INVALID;
    if (mails.waiting >= TRANSFER_MAILS_MAX)
        return TRANSFER_BUSY;
    m.from = str_join(a, STR("<"), mail->from, STR(">"), STR_NULL).p;
    m.to = str_join(a, STR("<"), mail->to, STR(">"), STR_NULL).p;
    mails.waiting++;
    hand_over(&m);
    // The thread reads the fiber's memory, so it must have ended; curl's deadline sees to that.
    check(fiber_wait(&m.wait, -1));
    mails.waiting--;
    struct str said = str_n(m.reply, m.reply_len);
    if (reply)
        *reply = str_dup(a, said);
    enum transfer_result result = result_of(&m);
    if (result != TRANSFER_DONE)
        log_warn("mail not sent", "result", transfer_result_name(result), "reason",
            str_of(curl_easy_strerror(m.code)));
    return result;
}
