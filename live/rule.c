/* Reading rules: recursive descent, one node at a time, with a limit to depth and nodes. */
#include "live/rule.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DEPTH = 32 };

const struct fact_row fact_rows[FACTS] = {
#define FACT(id, name, unit, of, asked, about) [id] = {name, UNIT_##unit, OF_##of, asked, about},
#include "live/rule_facts.def"
};

struct parser {
    struct rule *r;
    const char *p;
    struct rule_fault *fault;
    unsigned depth;
    int subject; /* series of the first fact of the comparison; -1: none yet */
};

static uint16_t no(struct parser *p, const char *at, const char *why)
{
    if (!p->fault->why) {
        p->fault->why = why;
        p->fault->at = (size_t)(at - p->r->text);
    }
    return 0;
}
static bool good(const struct parser *p) { return !p->fault->why; }

static void blanks(struct parser *p)
{
    while (*p->p == ' ' || *p->p == '\t')
        p->p++;
}

/* Takes a sign, or a whole word. */
static bool take(struct parser *p, const char *word)
{
    size_t n = strlen(word);
    blanks(p);
    if (strncmp(p->p, word, n) != 0 ||
        (isalpha((unsigned char)*word) && (isalnum((unsigned char)p->p[n]) || p->p[n] == '.' || p->p[n] == '_')))
        return false;
    p->p += n;
    return true;
}

static uint16_t node(struct parser *p, struct rule_node n)
{
    if (p->r->n_nodes == RULE_NODES)
        return no(p, p->p, "the rule is too long");
    p->r->nodes[p->r->n_nodes] = n;
    return p->r->n_nodes++;
}
static const struct rule_node *at(const struct parser *p, uint16_t i) { return &p->r->nodes[i]; }

/* --- numbers --- */

static const struct {
    const char *name;
    double times;
    enum unit unit;
} units[] = {{"ms", 1, UNIT_TIME},         {"s", 1000, UNIT_TIME},          {"m", 60e3, UNIT_TIME},
             {"min", 60e3, UNIT_TIME},     {"h", 3600e3, UNIT_TIME},        {"d", 86400e3, UNIT_TIME},
             {"B", 1, UNIT_SIZE},          {"KB", 1e3, UNIT_SIZE},          {"MB", 1e6, UNIT_SIZE},
             {"GB", 1e9, UNIT_SIZE},       {"TB", 1e12, UNIT_SIZE},         {"KiB", 1024., UNIT_SIZE},
             {"MiB", 1048576., UNIT_SIZE}, {"GiB", 1073741824., UNIT_SIZE}, {"TiB", 1099511627776., UNIT_SIZE},
             {"%", 0.01, UNIT_SHARE}};

static bool number(struct parser *p, double *v, enum unit *unit)
{
    blanks(p);
    const char *from = p->p;
    double n = 0, place = 1;
    if (!isdigit((unsigned char)*p->p))
        return false;
    while (isdigit((unsigned char)*p->p) && n < 1e15)
        n = n * 10 + (*p->p++ - '0');
    if (p->p[0] == '.' && isdigit((unsigned char)p->p[1]))
        for (p->p++; isdigit((unsigned char)*p->p) && place > 1e-12; p->p++)
            n += (*p->p - '0') * (place /= 10);
    if (isdigit((unsigned char)*p->p)) {
        no(p, from, "the number has too many digits");
        return false;
    }
    *unit = UNIT_PLAIN;
    size_t word = *p->p == '%' ? 1 : 0;
    while (isalpha((unsigned char)p->p[word]))
        word++;
    for (size_t i = 0; word && i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == word && !strncmp(units[i].name, p->p, word)) {
            *unit = units[i].unit;
            n *= units[i].times;
            p->p += word;
            word = 0;
        }
    if (word) {
        no(p, p->p, "not a unit: ms, s, m, h, d; B, KB, MB, GB, TB, KiB, MiB, GiB, TiB; %");
        return false;
    }
    *v = n;
    return true;
}

static int64_t span(struct parser *p)
{
    double v = 0;
    enum unit unit = UNIT_PLAIN;
    blanks(p);
    const char *from = p->p;
    if (!number(p, &v, &unit) || unit != UNIT_TIME || v > 366 * 86400e3) {
        no(p, from, "a time is expected here, as in 90s, 5m, 2h");
        return 0;
    }
    return (int64_t)v;
}

/* --- facts --- */

/* A vertex in parentheses: its name or a part of it, up to the parenthesis that closes; parentheses in it must match. */
static void vertex(struct parser *p, char *to, size_t room)
{
    const char *from = ++p->p;
    unsigned open = 1;
    for (; *p->p && open; p->p++)
        open = open + (*p->p == '(') - (*p->p == ')');
    size_t n = (size_t)(p->p - from) - (open == 0);
    while (n && *from == ' ') {
        from++;
        n--;
    }
    while (n && from[n - 1] == ' ')
        n--;
    if (open)
        no(p, from, "the parenthesis is not closed");
    else if (!n || n >= room)
        no(p, from, n ? "the vertex' name is too long; a part of it will do" : "the name of a vertex is expected here");
    else
        memcpy(to, from, n);
}

/* The place of a fact among the series; -1: none stands here. */
static int fact(struct parser *p)
{
    char name[64] = "";
    struct rule_series s = {0};
    size_t n = 0;
    blanks(p);
    const char *from = p->p;
    while (isalpha((unsigned char)from[n]) || (n && (from[n] == '.' || from[n] == '_' || isdigit((unsigned char)from[n]))))
        n++;
    if (!n)
        return -1;
    snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : 0, from);
    int f = 0;
    while (f < FACTS && strcmp(fact_rows[f].name, name) != 0)
        f++;
    if (f == FACTS) {
        no(p, from, "there is no such figure; weir-watch(1) lists them");
        return -1;
    }
    p->p += n;
    s.fact = (enum fact_id)f;
    blanks(p);
    if (*p->p == '(') {
        if (fact_rows[f].of != OF_VERTEX)
            no(p, p->p, "this figure is not one of a vertex");
        else
            vertex(p, s.vertex, sizeof s.vertex);
    }
    uint32_t i = 0;
    while (i < p->r->n_series && (p->r->series[i].fact != s.fact || strcmp(p->r->series[i].vertex, s.vertex) != 0))
        i++;
    if (i == RULE_SERIES) {
        no(p, from, "too many different figures in one rule");
        return -1;
    }
    if (i == p->r->n_series && good(p)) {
        s.verdict = (struct anomaly_verdict){.expected = NAN, .score = NAN};
        s.ring = mem_zalloc(RULE_SAMPLES * sizeof *s.ring);
        p->r->series[p->r->n_series++] = s;
    }
    return good(p) ? (int)i : -1;
}

static enum unit unit_of(const struct parser *p, int series) { return fact_rows[p->r->series[series].fact].unit; }

/* What stands in the parentheses of a function of the past. */
static uint16_t window(struct parser *p, enum rule_window kind)
{
    struct rule_node n = {.op = OP_WINDOW, .kind = (int)kind};
    enum unit unit = UNIT_PLAIN;
    int series = p->subject;
    if (!take(p, "("))
        return no(p, p->p, "'(' is expected here");
    blanks(p);
    const char *from = p->p;
    if (!isdigit((unsigned char)*p->p)) {
        series = fact(p);
        if (good(p) && (series < 0 || !take(p, ",")))
            return no(p, p->p,
                      series < 0 ? "a figure, a number or a time is expected here"
                                 : "',' and a number or a time are expected here");
    }
    if (!good(p))
        return 0;
    if (series < 0)
        return no(p, from, "of which figure? Name it first, as in median(checkpoint.size, 20)");
    const char *where = p->p;
    if (!number(p, &n.number, &unit) || (unit != UNIT_PLAIN && unit != UNIT_TIME))
        return no(p, where, "a number or a time is expected here");
    n.timed = unit == UNIT_TIME;
    if (kind >= WINDOW_INCREASE && !n.timed)
        return no(p, where, "a time is expected here, as in 90s, 5m, 2h");
    if (!n.timed && (n.number < 1 || n.number > RULE_SAMPLES - 1))
        return no(p, where, "1 to 2047 samples may be looked back at");
    if (!take(p, ")"))
        return no(p, p->p, "')' is expected here");
    n.series = (uint16_t)series;
    n.unit = kind == WINDOW_RATE ? UNIT_PLAIN : unit_of(p, series);
    return node(p, n);
}

/* --- expressions --- */

static uint16_t sum(struct parser *p);
static uint16_t value(struct parser *p);

static uint16_t value_inner(struct parser *p)
{
    static const char *const windows[] = {"median", "mean", "min", "max", "increase", "rate"};
    struct rule_node n = {.op = OP_NUMBER};
    blanks(p);
    const char *from = p->p;
    if (take(p, "(")) {
        uint16_t inner = sum(p);
        return take(p, ")") || !good(p) ? inner : no(p, p->p, "')' is expected here");
    }
    if (take(p, "-")) {
        n.op = OP_NEGATE;
        n.left = value(p);
        n.unit = good(p) ? at(p, n.left)->unit : UNIT_PLAIN;
        return good(p) ? node(p, n) : 0;
    }
    if (number(p, &n.number, &n.unit))
        return node(p, n);
    for (int i = 0; good(p) && i < 6; i++)
        if (take(p, windows[i]))
            return window(p, (enum rule_window)i);
    int series = good(p) ? fact(p) : -1;
    if (series < 0)
        return no(p, from, "a figure or a number is expected here");
    if (p->subject < 0)
        p->subject = series;
    return node(p, (struct rule_node){.op = OP_FACT, .series = (uint16_t)series, .unit = unit_of(p, series)});
}

static uint16_t value(struct parser *p)
{
    if (p->depth == DEPTH)
        return no(p, p->p, "too many parentheses");
    p->depth++;
    uint16_t v = value_inner(p);
    p->depth--;
    return v;
}

/* Shares are numbers too: 80% is 0.8. */
static bool alike(enum unit a, enum unit b) { return a == b || (a <= UNIT_SHARE && b <= UNIT_SHARE); }

static uint16_t arithmetic(struct parser *p, uint16_t left, char sign, uint16_t right, const char *from)
{
    if (!good(p))
        return 0;
    enum unit a = at(p, left)->unit, b = at(p, right)->unit;
    struct rule_node n = {.op = OP_ARITHMETIC, .kind = sign, .left = left, .right = right, .unit = a};
    if (sign == '+' || sign == '-') {
        if (!alike(a, b))
            return no(p, from, "a time, a size and a number cannot be added");
    } else if (sign == '*') {
        if (a > UNIT_SHARE && b > UNIT_SHARE)
            return no(p, from, "one side of '*' must be a plain number");
        n.unit = a > UNIT_SHARE ? a : b;
    } else {
        if (b > UNIT_SHARE && a != b)
            return no(p, from, "a time or a size can be divided by a number or by its like");
        n.unit = b > UNIT_SHARE ? UNIT_PLAIN : a;
    }
    return node(p, n);
}

static uint16_t chain(struct parser *p, const char *signs, uint16_t (*part)(struct parser *))
{
    uint16_t left = part(p);
    for (;;) {
        blanks(p);
        const char *from = p->p;
        if (!good(p) || !*from || !strchr(signs, *from))
            return left;
        p->p++;
        uint16_t right = part(p);
        left = arithmetic(p, left, *from, right, from);
    }
}
static uint16_t term(struct parser *p) { return chain(p, "*/", value); }
static uint16_t sum(struct parser *p) { return chain(p, "+-", term); }

/* --- conditions --- */

static uint16_t anomalous(struct parser *p, uint16_t left, const char *from)
{
    if (at(p, left)->op != OP_FACT)
        return no(p, from, "a single figure must stand before 'anomalous'");
    struct rule_series *s = &p->r->series[at(p, left)->series];
    if (!s->anomaly)
        s->anomaly = mem_zalloc(sizeof *s->anomaly);
    return node(p, (struct rule_node){.op = OP_ANOMALOUS, .series = at(p, left)->series, .unit = at(p, left)->unit});
}

static uint16_t condition(struct parser *p)
{
    static const char *const signs[] = {
        [CMP_GE] = ">=", [CMP_GT] = ">", [CMP_LE] = "<=", [CMP_LT] = "<", [CMP_EQ] = "==", [CMP_NE] = "!="};
    static const enum rule_compare order[] = {CMP_GE, CMP_GT, CMP_LE, CMP_LT, CMP_EQ, CMP_NE};
    p->subject = -1;
    blanks(p);
    const char *from = p->p;
    struct rule_node n = {.op = OP_COMPARE, .left = sum(p)};
    if (!good(p))
        return 0;
    if (take(p, "anomalous"))
        return anomalous(p, n.left, from);
    size_t k = 0;
    while (k < 6 && !take(p, signs[order[k]]))
        k++;
    blanks(p);
    if (k == 6)
        return no(p, p->p, "a comparison is expected here: >, >=, <, <=, ==, != or anomalous");
    n.kind = (int)order[k];
    const char *right = p->p;
    n.right = sum(p);
    if (!good(p))
        return 0;
    enum unit a = at(p, n.left)->unit, b = at(p, n.right)->unit;
    if (!alike(a, b))
        return no(p, right,
                  a == UNIT_TIME       ? "this is compared with a time; it needs a unit, as in 5m"
                      : a == UNIT_SIZE ? "this is compared with a size; it needs a unit, as in 10GiB"
                                       : "this is compared with a number and must be none of a time or a size");
    n.unit = a;
    if (take(p, "in")) {
        struct rule_node *left = &p->r->nodes[n.left];
        int64_t ms = span(p);
        if (good(p) && left->op != OP_FACT)
            return no(p, from, "a single figure must stand before '> … in'");
        left->op = OP_WINDOW;
        left->kind = WINDOW_INCREASE;
        left->timed = true;
        left->number = (double)ms;
    }
    return good(p) ? node(p, n) : 0;
}

static uint16_t joined(struct parser *p, enum rule_op op)
{
    uint16_t left = op == OP_OR ? joined(p, OP_AND) : condition(p);
    while (good(p) && take(p, op == OP_OR ? "or" : "and")) {
        uint16_t right = op == OP_OR ? joined(p, OP_AND) : condition(p);
        if (good(p))
            left = node(p, (struct rule_node){.op = op, .left = left, .right = right});
    }
    return left;
}

struct rule *rule_parse(const char *text, struct rule_fault *fault)
{
    *fault = (struct rule_fault){0};
    if (strlen(text) > RULE_TEXT) {
        *fault = (struct rule_fault){RULE_TEXT, "the rule is too long"};
        return NULL;
    }
    struct rule *r = mem_zalloc(sizeof *r);
    struct parser p = {.r = r, .p = r->text, .fault = fault};
    strcpy(r->text, text);
    r->nodes = mem_zalloc(RULE_NODES * sizeof *r->nodes);
    r->since_ms = LIVE_ABSENT;
    r->root = joined(&p, OP_OR);
    if (good(&p) && take(&p, "for"))
        r->for_ms = span(&p);
    blanks(&p);
    if (good(&p) && *p.p)
        no(&p, p.p, "the rule ends here, or goes on with 'and', 'or', 'for'");
    if (good(&p))
        return r;
    rule_free(r);
    return NULL;
}

int64_t rule_time(const char *text)
{
    struct rule_fault fault = {0};
    struct rule r = {.text = ""};
    struct parser p = {.r = &r, .p = text, .fault = &fault};
    int64_t ms = span(&p);
    return fault.why || *p.p ? -1 : ms;
}

void rule_free(struct rule *r)
{
    for (uint32_t i = 0; r && i < r->n_series; i++) {
        free(r->series[i].ring);
        free(r->series[i].anomaly);
    }
    if (r)
        free(r->nodes);
    free(r);
}
