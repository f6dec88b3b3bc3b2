#include "base/metric.h"

#include <sys/mman.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/hash.h"

enum { LABEL_MAX = 96 };

// A pair of site and plugin; claimed once by a compare-and-swap on `hash`, then only added to.
struct plugin_row {
    uint64_t hash;
    uint32_t ready;
    char site[LABEL_MAX], plugin[LABEL_MAX];
    int64_t calls, errors, ns;
};

struct shared {
    int64_t counts[METRIC_PROCESSES_MAX][METRIC_COUNT];
    struct plugin_row plugins[METRIC_PLUGIN_ROWS];
};

static struct shared *shared;
static int own_row;

void metric_init(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(shared != MAP_FAILED);
}

void metric_process(int number)
{
    check(number >= 0 && number < METRIC_PROCESSES_MAX);
    own_row = number;
}

void metric_add(enum metric m, int64_t n)
{
    if (shared)
        __atomic_fetch_add(&shared->counts[own_row][m], n, __ATOMIC_RELAXED);
}

// FNV-1a: the key must be the same in all processes, and nobody outside chooses these names.
static uint64_t pair_hash(struct str site, struct str plugin)
{
    uint64_t h = 14695981039346656037ull;
    for (size_t i = 0; i < site.len; i++)
        h = (h ^ (unsigned char)site.p[i]) * 1099511628211ull;
    h = (h ^ '/') * 1099511628211ull;
    for (size_t i = 0; i < plugin.len; i++)
        h = (h ^ (unsigned char)plugin.p[i]) * 1099511628211ull;
    return h | 1;
}

static void set_label(char *to, struct str s)
{
    s = str_sub(s, 0, LABEL_MAX - 1);
    memcpy(to, s.p, s.len);
    to[s.len] = 0;
}

static struct plugin_row *plugin_row(struct str site, struct str plugin)
{
    uint64_t h = pair_hash(site, plugin);
    for (int probe = 0; probe < 32; probe++) {
        struct plugin_row *row =
            &shared->plugins[(h + (uint64_t)probe) % (METRIC_PLUGIN_ROWS - 1) + 1];
        uint64_t seen = 0;
        if (__atomic_load_n(&row->hash, __ATOMIC_RELAXED) == h)
            return row;
        if (__atomic_compare_exchange_n(
                &row->hash, &seen, h, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            set_label(row->site, site);
            set_label(row->plugin, plugin);
            __atomic_store_n(&row->ready, 1, __ATOMIC_RELEASE);
            return row;
        }
        if (seen == h)
            return row;
    }
    return &shared->plugins[0];
}

void metric_plugin(struct str site, struct str plugin, int64_t took_ns, bool failed)
{
    if (!shared)
        return;
    struct plugin_row *row = plugin_row(site, plugin);
    __atomic_fetch_add(&row->calls, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&row->errors, failed, __ATOMIC_RELAXED);
    __atomic_fetch_add(&row->ns, took_ns, __ATOMIC_RELAXED);
}

static void add_counters(struct buf *b)
{
    static const struct {
        const char *name, *help;
    } names[METRIC_COUNT] = {
#define METRIC_ROW(name, help) {#name, help},
        METRICS(METRIC_ROW)
#undef METRIC_ROW
    };
    for (int m = 0; m < METRIC_COUNT; m++) {
        int64_t sum = 0;
        for (int p = 0; p < METRIC_PROCESSES_MAX; p++)
            sum += __atomic_load_n(&shared->counts[p][m], __ATOMIC_RELAXED);
        buf_add_format(b, "# HELP vitrine_%s %s\n# TYPE vitrine_%s counter\nvitrine_%s %lld\n",
            names[m].name, names[m].help, names[m].name, names[m].name, (long long)sum);
    }
}

static void add_plugin(struct buf *b, const char *name, const struct plugin_row *row, int64_t n)
{
    buf_add_format(b, "vitrine_plugin_%s{site=\"%s\",plugin=\"%s\"} %lld\n", name,
        row->ready ? row->site : "other", row->ready ? row->plugin : "other", (long long)n);
}

static void add_plugins(struct buf *b)
{
    buf_add(b, STR("# TYPE vitrine_plugin_calls_total counter\n"
                   "# TYPE vitrine_plugin_errors_total counter\n"
                   "# TYPE vitrine_plugin_ns_total counter\n"));
    for (int i = 0; i < METRIC_PLUGIN_ROWS; i++) {
        const struct plugin_row *row = &shared->plugins[i];
        int64_t calls = __atomic_load_n(&row->calls, __ATOMIC_RELAXED);
        if (!calls)
            continue;
        add_plugin(b, "calls_total", row, calls);
        add_plugin(b, "errors_total", row, __atomic_load_n(&row->errors, __ATOMIC_RELAXED));
        add_plugin(b, "ns_total", row, __atomic_load_n(&row->ns, __ATOMIC_RELAXED));
    }
}

struct str metric_text(struct arena *a)
{
    struct buf b;
    buf_init(&b, a, 4 << 20);
    if (shared) {
        add_counters(&b);
        add_plugins(&b);
    }
    return buf_str(&b);
}
