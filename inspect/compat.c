#include "inspect/compat.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"as-is", "reconfigured", "after-migration", "incompatible", "dropped", "new", "unknown"};
    return names[v];
}

/* --- the roles of a state --- */

struct sum {
    struct compat worst; /* zeroed: as-is */
    const struct compat_target *target;
    struct arena *arena;
};

static void add(struct sum *s, struct compat c)
{
    struct compat *w = &s->worst;
    if (!w->danger)
        w->danger = c.danger;
    w->gone = w->gone || c.gone;
    if (w->why && c.verdict == w->verdict && c.verdict != VERDICT_AS_IS)
        w->why = arena_printf(s->arena, "%s; %s", w->why, c.why);
    else if (!w->why || c.verdict > w->verdict)
        *w = (struct compat){c.verdict, c.why, w->danger, w->gone};
}

static void say(struct sum *s, enum verdict v, const char *why) { add(s, (struct compat){v, why, NULL, false}); }

static void types(struct sum *s, const struct ser *old, const struct ser *new, const char *role)
{
    add(s, compat_types(old, new, role, s->target, s->arena));
}

/* What must be as it was: a migration is a refusal. */
static void rigid(struct sum *s, const struct ser *old, const struct ser *new, const char *role, const char *whose)
{
    struct compat c = compat_types(old, new, role, s->target, s->arena);
    if (c.verdict == VERDICT_AFTER_MIGRATION)
        c = (struct compat){VERDICT_INCOMPATIBLE, arena_printf(s->arena, "%s; Flink does not migrate %s", c.why, whose), NULL,
                            false};
    add(s, c);
}

struct compat compat_keys(const struct ser *old, const struct ser *new, const struct compat_target *target, struct arena *a)
{
    struct sum s = {.target = target, .arena = a};
    say(&s, VERDICT_AS_IS, "unchanged");
    if (old && new)
        rigid(&s, old, new, "key", "keys");
    return s.worst;
}

bool compat_same_table(enum state_kind a, enum state_kind b)
{
    bool special_a = a >= KIND_TIMERS, special_b = b >= KIND_TIMERS;
    return special_a || special_b ? a == b : true;
}

static const char *element_role(enum state_kind k)
{
    switch (k) {
    case KIND_LIST:
    case KIND_OPERATOR_LIST:
        return "element";
    case KIND_TIMERS:
        return "timer";
    case KIND_REDUCING:
    case KIND_AGGREGATING:
        return k == KIND_AGGREGATING ? "accumulator" : "value";
    default:
        return "value";
    }
}

/* TtlAwareSerializerSnapshot (flink-runtime 2.0): values get the present time, or lose theirs. Before, the classes differ. */
static void ttl(struct sum *s, const struct layout_state *old, const struct layout_state *new)
{
    if (old->ttl == new->ttl)
        return;
    const char *how = new->ttl ? "on" : "off";
    if (s->target->flink < FLINK(2, 0))
        say(s, VERDICT_INCOMPATIBLE, arena_printf(s->arena, "TTL was turned %s, which Flink before 2.0 refuses", how));
    else
        say(s, VERDICT_AFTER_MIGRATION,
            arena_printf(s->arena, "TTL was turned %s: the values %s", how,
                         new->ttl ? "get the time of the restore as their last use" : "lose their times"));
}

static void user_key(struct sum *s, const struct layout_state *old, const struct layout_state *new)
{
    if (!old->user_key || !new->user_key)
        return;
    if (old->kind == KIND_MAP && s->target->backend != BACKEND_HASHMAP)
        rigid(s, old->user_key, new->user_key, "user key", "the keys of maps in RocksDB");
    else
        types(s, old->user_key, new->user_key, "user key");
}

static const char *article(enum state_kind k) { return strchr("AO", *kind_name(k)) ? "an" : "a"; }

/* What the kinds of both say. */
static const char *other_kind(const struct layout_state *old, const struct layout_state *new, const struct sum *s)
{
    if (old->kind != new->kind)
        return arena_printf(s->arena, "%s %s state became %s %s state", article(old->kind), kind_name(old->kind),
                            article(new->kind), kind_name(new->kind));
    if (old->mode != new->mode)
        return arena_printf(s->arena, "the list was %s and is %s", op_mode_name(old->mode), op_mode_name(new->mode));
    if (old->v2 != new->v2 && s->target->flink < FLINK(2, 3))
        return "the state went over between the synchronous and the asynchronous API, which Flink before 2.3 does not take";
    return NULL;
}

struct compat compat_state(const struct layout_state *old, const struct layout_state *new, const struct compat_target *target,
                           struct arena *a)
{
    struct compat_target here = *target;
    struct sum s = {.target = &here, .arena = a};
    const char *other = other_kind(old, new, &s);
    if (other)
        return (struct compat){VERDICT_INCOMPATIBLE, other, NULL, false};
    say(&s, VERDICT_AS_IS, "unchanged");
    if (old->kind >= KIND_OPERATOR_LIST)
        here.backend = BACKEND_HASHMAP; /* operator state lies in memory, whatever the backend */
    if (old->ns && new->ns)
        rigid(&s, old->ns, new->ns, "namespace", "namespaces");
    else if (old->ns || new->ns)
        say(&s, VERDICT_INCOMPATIBLE, old->ns ? "the namespace is gone" : "the state has a namespace now and had none");
    ttl(&s, old, new);
    user_key(&s, old, new);
    if (old->kind == KIND_TIMERS)
        rigid(&s, old->element, new->element, "timer", "timers");
    else
        types(&s, old->element, new->element, element_role(old->kind));
    return s.worst;
}

/* --- versions --- */

int flink_version(const char *text)
{
    char *end;
    unsigned long major = strtoul(text, &end, 10);
    if (end == text || *end != '.' || major < 1 || major > 9)
        return 0;
    const char *minor_text = end + 1;
    unsigned long minor = strtoul(minor_text, &end, 10);
    if (end == minor_text || minor > 99 || (*end && *end != '.' && *end != '-'))
        return 0;
    return FLINK((int)major, (int)minor);
}

static const struct {
    int32_t metadata;
    int newest, oldest_reader;
} versions[] = {
    {2, FLINK(1, 10), FLINK(1, 3)}, {3, FLINK(1, 15), FLINK(1, 11)}, {4, FLINK(1, 20), FLINK(1, 16)},
    {5, FLINK(2, 0), FLINK(2, 0)},  {6, FLINK(2, 3), FLINK(2, 1)},
};

int flink_of_metadata(int32_t version)
{
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (versions[i].metadata == version)
            return versions[i].newest;
    return FLINK(2, 3);
}

int flink_reads_metadata(int32_t version)
{
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (versions[i].metadata == version)
            return versions[i].oldest_reader;
    return FLINK(2, 3);
}

int32_t derived_max_parallelism(int32_t parallelism)
{
    int64_t want = (int64_t)parallelism + parallelism / 2;
    int32_t n = 128;
    while (n < want && n < 1 << 15)
        n *= 2;
    return n;
}
