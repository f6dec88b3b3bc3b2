#include "io/fiber.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "io/loop.h"

#ifdef VITRINE_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

// Boost.Context's assembly, declared here because its header is C++.
struct transfer {
    void *context;
    void *data;
};
extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t size, void (*run)(struct transfer));

// Lua may nest 200 C calls; its worst case, a recursive gsub callback, needs 411 KB.
#ifdef VITRINE_ASAN
enum { STACK_SIZE = 2 << 20 };
#else
enum { STACK_SIZE = 512 << 10 };
#endif
enum { GUARD_SIZE = 4096, STACKS_KEPT = 256, STACK_DEEP = 64 << 10 };

struct stack {
    struct stack *next;
    char *base; // the guard page; the stack grows down towards it
};

struct fiber {
    void *context;
    struct stack *stack;
    struct arena *arena;
    void (*run)(void *arg);
    void *arg;
    struct wait *waiting;
    struct timer timer;
    struct fiber *next_ready;
    int64_t deadline_ms;
    struct log_context log;
    bool ready, finished, timed_out;
    void *fake_stack; // of AddressSanitizer
};

static struct {
    struct fiber *current;
    struct fiber *ready_first, **ready_last;
    struct stack *stacks;
    int stacks_kept, live;
    void *loop_context;
#ifdef VITRINE_ASAN
    const void *loop_stack;
    size_t loop_stack_size;
    void *loop_fake_stack;
#endif
} fibers;

static struct stack *stack_take(void)
{
    struct stack *s = fibers.stacks;
    if (s) {
        fibers.stacks = s->next;
        fibers.stacks_kept--;
        return s;
    }
    char *base = mmap(NULL, STACK_SIZE + GUARD_SIZE, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    check(base != MAP_FAILED);
    check(mprotect(base, GUARD_SIZE, PROT_NONE) == 0);
    s = malloc(sizeof *s);
    check(s);
    *s = (struct stack){NULL, base};
    return s;
}

#ifndef VITRINE_ASAN
// Memory that was never touched reads as 0 and stays unused.
static bool went_deep(const struct stack *s)
{
    const char *top = s->base + GUARD_SIZE + STACK_SIZE;
    const uint64_t *words = (const uint64_t *)(top - STACK_DEEP);
    for (int i = 0; i < 128; i++)
        if (words[i])
            return true;
    return false;
}

// One deep call of a plugin must not keep half a megabyte for good.
static void stack_trim(struct stack *s)
{
    if (went_deep(s))
        madvise(s->base + GUARD_SIZE, STACK_SIZE - STACK_DEEP + 4096, MADV_DONTNEED);
}
#else
static void stack_trim(struct stack *s)
{
    (void)s;
}
#endif

static void stack_give_back(struct stack *s)
{
    stack_trim(s);
    if (fibers.stacks_kept >= STACKS_KEPT) {
        munmap(s->base, STACK_SIZE + GUARD_SIZE);
        free(s);
        return;
    }
    s->next = fibers.stacks;
    fibers.stacks = s;
    fibers.stacks_kept++;
}

// AddressSanitizer must know which stack it is on, before and after every switch.
#ifdef VITRINE_ASAN
static void leave_for_fiber(struct fiber *f)
{
    __sanitizer_start_switch_fiber(
        &fibers.loop_fake_stack, f->stack->base + GUARD_SIZE, STACK_SIZE);
}

static void back_on_loop(void)
{
    __sanitizer_finish_switch_fiber(fibers.loop_fake_stack, NULL, NULL);
}

static void leave_for_loop(struct fiber *f)
{
    __sanitizer_start_switch_fiber(
        f->finished ? NULL : &f->fake_stack, fibers.loop_stack, fibers.loop_stack_size);
}

static void back_on_fiber(struct fiber *f)
{
    __sanitizer_finish_switch_fiber(f->fake_stack, &fibers.loop_stack, &fibers.loop_stack_size);
}
#else
static inline void leave_for_fiber(struct fiber *f)
{
    (void)f;
}

static inline void back_on_loop(void)
{
}

static inline void leave_for_loop(struct fiber *f)
{
    (void)f;
}

static inline void back_on_fiber(struct fiber *f)
{
    (void)f;
}
#endif

static void to_loop(struct fiber *f)
{
    leave_for_loop(f);
    int saved_errno = errno;
    struct transfer t = jump_fcontext(fibers.loop_context, f);
    fibers.loop_context = t.context;
    errno = saved_errno;
    back_on_fiber(f);
}

static void entry(struct transfer t)
{
    struct fiber *f = t.data;
    fibers.loop_context = t.context;
    back_on_fiber(f);
    f->run(f->arg);
    f->finished = true;
    to_loop(f);
    unreachable();
}

static void fiber_end(struct fiber *f)
{
    timer_stop(&f->timer);
    stack_give_back(f->stack);
    arena_free(f->arena);
    free(f);
    fibers.live--;
}

static void resume(struct fiber *f)
{
    check(!fibers.current);
    fibers.current = f;
    log_set_context(&f->log);
    leave_for_fiber(f);
    int saved_errno = errno;
    struct transfer t = jump_fcontext(f->context, f);
    errno = saved_errno;
    back_on_loop();
    f->context = t.context;
    fibers.current = NULL;
    log_set_context(NULL);
    if (f->finished)
        fiber_end(f);
}

static void make_ready(struct fiber *f)
{
    if (f->ready)
        return;
    f->ready = true;
    f->next_ready = NULL;
    *fibers.ready_last = f;
    fibers.ready_last = &f->next_ready;
}

bool fibers_run_ready(void)
{
    bool ran = fibers.ready_first;
    // Those made ready meanwhile wait for the next turn, so a busy pair can't starve the sockets;
    // what is left over keeps the next turn from sleeping.
    for (int rounds = 0; fibers.ready_first && rounds < 16; rounds++) {
        struct fiber *f = fibers.ready_first;
        fibers.ready_first = NULL;
        fibers.ready_last = &fibers.ready_first;
        for (struct fiber *next; f; f = next) {
            next = f->next_ready;
            f->ready = false;
            resume(f);
        }
    }
    return ran;
}

bool fibers_any_ready(void)
{
    return fibers.ready_first != NULL;
}

static void on_overflow(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    const char *at = info->si_addr;
    struct fiber *f = fibers.current;
    if (f && at >= f->stack->base && at < f->stack->base + GUARD_SIZE)
        log_error("a fiber overflowed its stack");
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void fibers_init(void)
{
    fibers.ready_last = &fibers.ready_first;
#ifndef VITRINE_ASAN
    static char alternate[64 * 1024];
    stack_t s = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&s, NULL);
    struct sigaction action = {.sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
#else
    (void)on_overflow;
#endif
}

int fibers_live(void)
{
    return fibers.live;
}

bool fiber_start(void (*run)(void *arg), void *arg, struct arena *arena)
{
    if (fibers.live >= FIBERS_MAX)
        return false;
    struct fiber *f = calloc(1, sizeof *f);
    check(f);
    f->stack = stack_take();
    f->arena = arena ? arena : arena_new();
    f->run = run;
    f->arg = arg;
    f->deadline_ms = INT64_MAX;
    f->context = make_fcontext(f->stack->base + GUARD_SIZE + STACK_SIZE, STACK_SIZE, entry);
    fibers.live++;
    if (fibers.current)
        make_ready(f);
    else
        resume(f);
    return true;
}

struct fiber *fiber_self(void)
{
    return fibers.current;
}

struct arena *fiber_arena(void)
{
    check(fibers.current);
    return fibers.current->arena;
}

void *fiber_argument_of(void (*run)(void *arg))
{
    return fibers.current && fibers.current->run == run ? fibers.current->arg : NULL;
}

struct log_context *fiber_log_context(void)
{
    check(fibers.current);
    return &fibers.current->log;
}

void fiber_set_deadline(int64_t at_ms)
{
    fibers.current->deadline_ms = at_ms;
}

int64_t fiber_deadline(void)
{
    return fibers.current->deadline_ms;
}

static void on_timeout(struct timer *t)
{
    struct fiber *f = (struct fiber *)((char *)t - offsetof(struct fiber, timer));
    f->timed_out = true;
    make_ready(f);
}

bool fiber_wait(struct wait *w, int64_t timeout_ms)
{
    struct fiber *f = fibers.current;
    check(f && !w->fiber);
    if (w->done)
        return true;
    if (timeout_ms >= 0) {
        int64_t left = f->deadline_ms - clock_mono_ms();
        timer_start(&f->timer, left < timeout_ms ? left : timeout_ms, on_timeout);
    }
    w->fiber = f;
    f->waiting = w;
    f->timed_out = false;
    to_loop(f);
    timer_stop(&f->timer);
    w->fiber = NULL;
    f->waiting = NULL;
    return w->done;
}

void wait_done(struct wait *w)
{
    w->done = true;
    if (w->fiber)
        make_ready(w->fiber);
}

void fiber_sleep(int64_t ms)
{
    struct wait never = {0};
    fiber_wait(&never, ms);
}

void fiber_yield(void)
{
    struct wait now = {0};
    make_ready(fibers.current);
    fiber_wait(&now, -1);
}
