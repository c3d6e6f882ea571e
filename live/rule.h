/* Rules on a job's figures: "checkpoint.size > 3 * median(20)", "backpressure(Join) > 80% for 60s", "checkpoint.size anomalous".
 *
 *   rule  = all { "or" all } [ "for" TIME ]
 *   all   = cond { "and" cond }
 *   cond  = sum ( ">" | ">=" | "<" | "<=" | "==" | "!=" ) sum [ "in" TIME ]  |  fact "anomalous"
 *   sum   = term { ( "+" | "-" ) term }        term = value { ( "*" | "/" ) value }
 *   value = NUMBER[unit] | fact | ( "median" | "mean" | "min" | "max" ) "(" [ fact "," ] window ")"
 *         | ( "increase" | "rate" ) "(" [ fact "," ] TIME ")" | "(" sum ")" | "-" value
 *   fact  = NAME [ "(" VERTEX ")" ]            window = COUNT | TIME
 *
 * Names are rows of rule_facts.def. Units must agree; a time or a size needs its unit. Text, length and depth are bounded. */
#ifndef WEIR_LIVE_RULE_H
#define WEIR_LIVE_RULE_H

#include "live/anomaly.h"
#include "live/model.h"

enum fact_id {
#define FACT(id, name, unit, of, asked, about) id,
#include "live/rule_facts.def"
    FACTS
};
enum unit { UNIT_PLAIN, UNIT_SHARE, UNIT_TIME, UNIT_SIZE };
enum fact_of { OF_JOB, OF_VERTEX, OF_CHECKPOINT };
enum fact_ask { ASK_JOB, ASK_RESTARTS, ASK_CHECKPOINTS, ASK_PRESSURE, ASK_WATERMARKS, ASK_OVERVIEW, ASKS };
struct fact_row {
    const char *name;
    enum unit unit;
    enum fact_of of;
    enum fact_ask ask;
    const char *about;
};
extern const struct fact_row fact_rows[FACTS];

enum {
    RULE_TEXT = 1000, /* bytes */
    RULE_NODES = 64,
    RULE_SERIES = 8,    /* different facts in one rule */
    RULE_SAMPLES = 2048 /* remembered of each */
};

/* The samples of a fact, oldest dropped first. */
struct rule_series {
    enum fact_id fact;
    char vertex[128]; /* as it stands in the rule; "": none */
    struct rule_sample {
        int64_t at_ms;
        double v; /* NaN: could not be read */
    } * ring;     /* of RULE_SAMPLES */
    uint32_t n, next;
    struct anomaly *anomaly; /* NULL: nothing asks for it */
    struct anomaly_verdict verdict;
};

struct rule {
    char text[RULE_TEXT + 1];
    struct rule_node *nodes;
    uint16_t n_nodes, root;
    int64_t for_ms;
    struct rule_series series[RULE_SERIES];
    uint32_t n_series;
    int64_t since_ms; /* it has held since then; LIVE_ABSENT: it does not */
};

struct rule_fault {
    size_t at; /* byte of the text */
    const char *why;
};

/* NULL: fault says where and why. rule_free releases. */
struct rule *rule_parse(const char *text, struct rule_fault *fault);
void rule_free(struct rule *r); /* NULL is allowed */
/* A time as rules have it ("90s", "5m"), in ms; -1: it is none. */
int64_t rule_time(const char *text);

/* A sample for a series; times do not go back. */
void rule_sample(struct rule_series *s, int64_t at_ms, double v);

/* UNKNOWN: a figure that it needs is missing, or there are too few of them. */
enum rule_truth { RULE_UNKNOWN, RULE_NO, RULE_PENDING, RULE_YES };
struct rule_state {
    enum rule_truth truth; /* PENDING: it holds, but not yet for long enough */
    double left, right;    /* of the comparison that decides; NaN: there is none. "anomalous": the figure and what was expected */
    enum unit unit;        /* of both */
};
/* Evaluates it as of now, which does not go back. */
struct rule_state rule_evaluate(struct rule *r, int64_t now_ms);

/* "1.5 GiB", "80%", "4.2 s", "17" */
struct rule_text {
    char s[40];
};
struct rule_text rule_show(double v, enum unit unit);

/* --- inside --- */

enum rule_op { OP_NUMBER, OP_FACT, OP_WINDOW, OP_NEGATE, OP_ARITHMETIC, OP_COMPARE, OP_ANOMALOUS, OP_AND, OP_OR };
enum rule_window { WINDOW_MEDIAN, WINDOW_MEAN, WINDOW_MIN, WINDOW_MAX, WINDOW_INCREASE, WINDOW_RATE };
enum rule_compare { CMP_GT, CMP_GE, CMP_LT, CMP_LE, CMP_EQ, CMP_NE };
struct rule_node {
    enum rule_op op;
    int kind; /* of a window, comparison; the sign of arithmetic */
    uint16_t left, right;
    uint16_t series;
    enum unit unit;
    double number; /* NUMBER; WINDOW: a count of samples, or ms */
    bool timed;    /* WINDOW: number is ms */
};

#endif
