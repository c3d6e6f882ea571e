#include "savepoint/keyhash_guess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/codec.h"

/* h = start; for each field h = h * factor + hash(field), or what a sum or xor makes of it. */
enum form { KNOWN, CHAIN, SUM, XOR };
static const struct {
    enum form form;
    uint32_t start, factor;
    uint32_t null;    /* what a null field counts */
    uint32_t yes, no; /* a boolean; 0: as Boolean#hashCode */
    const char *words;
} formulas[] = {
    {KNOWN, 0, 0, 0, 0, 0, "as Flink's and Java's own classes do"},
    {CHAIN, 1, 31, 0, 0, 0, "31 * h + …, as Objects.hash"},
    {CHAIN, 0, 31, 0, 0, 0, "31 * h + … from the first field on, as records, Kotlin's data classes and IDEs"},
    {CHAIN, 17, 31, 0, 0, 0, "31 * h + … from 17 on"},
    {CHAIN, 7, 31, 0, 0, 0, "31 * h + … from 7 on"},
    {CHAIN, 1, 31, 0, 1, 0, "31 * h + … with 1 for true, as Objects.hash over ints"},
    {CHAIN, 0, 31, 0, 1, 0, "31 * h + … with 1 for true, as IDEs"},
    {CHAIN, 1, 59, 43, 0, 0, "59 * h + …, as Lombok"},
    {CHAIN, 1, 59, 43, 79, 97, "59 * h + … with primitive booleans, as Lombok"},
    {CHAIN, 17, 37, 0, 0, 0, "37 * h + … from 17 on, as HashCodeBuilder"},
    {CHAIN, 17, 37, 0, 0, 1, "37 * h + … from 17 on with primitive booleans, as HashCodeBuilder"},
    {SUM, 0, 0, 0, 0, 0, "the sum"},
    {XOR, 0, 0, 0, 0, 0, "the exclusive or"},
};

enum { N_FORMULAS = sizeof formulas / sizeof *formulas, MAX_RULES = 1 << 20 };

static bool is_pojo(const struct ser *s) { return s->read == read_pojo; }

static void add(struct keyhash_guess *g, const uint8_t *order, uint8_t n)
{
    for (uint8_t f = 1; f < N_FORMULAS && g->n < MAX_RULES; f++) {
        bool alone = n == 1 && formulas[f].form != CHAIN; /* the same as a chain from 0 on */
        if (alone)
            continue;
        if (!(g->n & (g->n - 1)))
            g->rules = mem_grow(g->rules, g->n ? 2 * (size_t)g->n : 1, sizeof *g->rules);
        struct keyhash_rule *r = &g->rules[g->n++];
        *r = (struct keyhash_rule){.formula = f, .n = n};
        memcpy(r->order, order, n);
    }
}

/* All orders of all selections of the fields. */
static void orders(struct keyhash_guess *g, uint8_t *order, uint8_t n, unsigned used)
{
    if (n)
        add(g, order, n);
    for (uint8_t i = 0; i < g->key->n; i++)
        if (!(used & 1u << i)) {
            order[n] = i;
            orders(g, order, n + 1, used | 1u << i);
        }
}

static void few_orders(struct keyhash_guess *g)
{
    uint8_t order[30], n = 0;
    for (; n < g->key->n && n < sizeof order; n++)
        order[n] = n;
    if (n == g->key->n)
        add(g, order, n);
    for (uint8_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < n; k++) {
            uint8_t two[] = {i, k};
            add(g, two, i == k ? 1 : 2);
        }
}

/* Fields whose hash is not known take no part, but must have an end. */
static bool readable(const struct ser *key)
{
    const char *unknown;
    return is_pojo(key) && key->n && !ser_unknown(key, &unknown);
}

void keyhash_guess_begin(struct keyhash_guess *g, const struct ser *key, int32_t max_parallelism)
{
    *g = (struct keyhash_guess){.key = key, .max_parallelism = max_parallelism};
    uint8_t order[KEYHASH_FIELDS];
    if (keyhash_known(key)) {
        g->rules = mem_zalloc(sizeof *g->rules);
        g->n = 1;
    } else if (key && key->row && readable(key)) {
        if (key->n <= KEYHASH_FIELDS)
            orders(g, order, 0, 0);
        else
            few_orders(g);
    }
    g->left = g->n;
}

void keyhash_guess_free(struct keyhash_guess *g)
{
    free(g->rules);
    *g = (struct keyhash_guess){0};
}

/* A POJO's fields, hashed. */
struct parts {
    bool known[256], null[256], boolean[256];
    uint32_t hash[256];
};

static bool read_parts(const struct ser *key, struct rd *r, struct parts *p)
{
    if (rd_u8(r) != 2 || key->n > 256) /* a subclass hashes in its own way */
        return false;
    for (uint32_t i = 0; i < key->n && rd_live(r); i++) {
        const struct ser *kid = key->kids[i];
        p->null[i] = rd_bool(r);
        p->known[i] = p->null[i] || keyhash_known(kid);
        p->boolean[i] = kid->read == read_boolean;
        p->hash[i] = 0;
        if (!p->null[i] && p->known[i] && !keyhash_part(kid, r, &p->hash[i]))
            return false;
        if (!p->null[i] && !p->known[i])
            ser_read(kid, r, NULL);
    }
    return rd_ok(r) && !r->cut;
}

static bool apply(const struct keyhash_rule *rule, const struct parts *p, uint32_t *h)
{
    uint8_t f = rule->formula;
    *h = formulas[f].start;
    for (uint8_t i = 0; i < rule->n; i++) {
        uint8_t at = rule->order[i];
        uint32_t field = p->null[at] ? formulas[f].null : p->hash[at];
        if (!p->known[at])
            return false;
        if (p->boolean[at] && !p->null[at] && formulas[f].yes + formulas[f].no)
            field = field == 1231 ? formulas[f].yes : formulas[f].no;
        *h = formulas[f].form == CHAIN ? *h * formulas[f].factor + field : formulas[f].form == SUM ? *h + field : *h ^ field;
    }
    return true;
}

bool keyhash_by_rule(const struct ser *key, const struct keyhash_rule *rule, struct rd *r, int32_t *hash)
{
    struct parts p;
    uint32_t h = 0;
    if (formulas[rule->formula].form == KNOWN)
        return keyhash_read(key, r, hash);
    bool ok = read_parts(key, r, &p) && apply(rule, &p, &h);
    *hash = (int32_t)h;
    return ok;
}

/* Equal keys prove nothing twice. */
static void count(struct keyhash_guess *g, struct bytes key)
{
    uint32_t h = 2166136261;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ key.p[i]) * 16777619;
    uint64_t bit = UINT64_C(1) << (h & 63), *word = &g->seen[h >> 6 & 63];
    g->keys += !(*word & bit);
    *word |= bit;
}

bool keyhash_guess_key(struct keyhash_guess *g, struct bytes key, uint32_t key_group)
{
    struct rd r = rd_of(key.p, key.n, 0);
    struct parts p;
    uint32_t left = 0, h = 0;
    int32_t known;
    bool is_known = g->n == 1 && formulas[g->rules[0].formula].form == KNOWN;
    if (!g->left)
        return false;
    bool ok = is_known ? keyhash_read(g->key, &r, &known) : read_parts(g->key, &r, &p);
    count(g, key);
    for (uint32_t i = 0; ok && i < g->left; i++) {
        const struct keyhash_rule rule = g->rules[i];
        if (is_known)
            h = (uint32_t)known;
        else if (!apply(&rule, &p, &h))
            continue;
        if (key_group_of_hash((int32_t)h, g->max_parallelism) == key_group)
            g->rules[left++] = rule;
    }
    g->left = left;
    return left > 0;
}

const struct keyhash_rule *keyhash_guess_rule(const struct keyhash_guess *g)
{
    if (!g->left)
        return NULL;
    bool known = formulas[g->rules[0].formula].form == KNOWN;
    double bits = (double)g->keys * log2(g->max_parallelism > 1 ? g->max_parallelism : 1);
    return known || bits > log2(g->n) + 20 ? &g->rules[0] : NULL;
}

const char *keyhash_guess_why(const struct keyhash_guess *g)
{
    if (!g->n)
        return "its hashCode is code that weir does not know, and so are the parts of it";
    if (!g->left)
        return formulas[g->rules ? g->rules[0].formula : 0].form == KNOWN && g->n == 1
            ? "its keys do not lie in the key groups that their hash says"
            : "its hashCode is none of the formulas that weir knows";
    return "there are too few keys to tell how its hashCode computes";
}

bool keyhash_rule_guessed(const struct keyhash_rule *rule) { return formulas[rule->formula].form != KNOWN; }

void keyhash_rule_text(const struct ser *key, const struct keyhash_rule *rule, struct buf *b)
{
    buf_puts(b, formulas[rule->formula].words);
    for (uint8_t i = 0; i < rule->n; i++)
        buf_printf(b, "%s%s", i ? ", " : ", over ", key->names[rule->order[i]]);
}
