/* A policy file: which findings count how much, and budgets (man weir-policy(5)). One statement a line:
 *
 *   rule ID error|warning|note|off [operator PATTERN] [state PATTERN] [until YYYY-MM-DD] [because REASON…]
 *   budget size|state-size|skew AMOUNT [operator PATTERN] [state PATTERN] [until YYYY-MM-DD] [because REASON…] */
#ifndef WEIR_INSPECT_VALIDATE_POLICY_H
#define WEIR_INSPECT_VALIDATE_POLICY_H

#include "inspect/validate.h"

enum budget { BUDGET_NONE, BUDGET_SIZE, BUDGET_STATE_SIZE, BUDGET_SKEW };

struct policy_line {
    uint32_t number;         /* in the file */
    const struct rule *rule; /* NULL: a budget */
    enum severity severity;
    enum budget budget;
    double amount;          /* bytes, or times the mean */
    const char *op, *state; /* shell patterns; NULL: all */
    const char *until;      /* "YYYY-MM-DD", the last day; NULL: always */
    const char *because;    /* "" for none */
};

struct policy {
    const char *name;
    uint32_t n;
    struct policy_line *lines;
};

/* Reads the text of a policy file; ERR_USAGE with the line when it is wrong. All lives in the arena. */
bool policy_read(struct policy *p, struct bytes text, const char *name, struct arena *a, struct err *e);

/* Adds what budgets find, then sets severities (of lines for the same finding the last one counts) and drops what is off.
 * `today` is a date like `until`. */
void policy_apply(const struct policy *p, struct validation *v, const struct tree *t, const char *today);

#endif
