/* Expressions over the rows of a state: bound to its types once, then evaluated for each row.
 *
 * Numbers are whole (64 bits), decimal (38 digits) or real; an operation of two kinds is done in the wider one. What overflows, divides by
 * zero or does not convert is an error of that row, never a wrong value. NULL spreads as in SQL; truth has three values. */
#ifndef WEIR_MIGRATE_EXPR_H
#define WEIR_MIGRATE_EXPR_H

#include "migrate/script.h"
#include "migrate/typing.h"

/* What rows of a state have. Of lists a row is an element, of maps an entry. */
enum row_part { ROW_KEY, ROW_NS, ROW_USER_KEY, ROW_VALUE, ROW_TIMESTAMP, ROW_LAST_ACCESS, ROW_PARTS };
struct scope {
    bool has[ROW_PARTS];
    struct typing types[ROW_PARTS];
};
struct row {
    struct value parts[ROW_PARTS];
    int64_t now; /* ms: when the migration began */
};

/* Where a path leads: a part of the row, then fields and items. */
struct bound_step {
    enum { STEP_FIELD, STEP_INDEX, STEP_KEY } kind;
    struct typing parent; /* FIELD */
    uint32_t i;
    const char *key;
};
struct bound {
    enum row_part root;
    uint32_t n;
    struct bound_step *steps;
    struct typing type; /* of what it leads to */
};

/* Resolves paths and functions and checks what can be checked: ERR_USAGE with the place. wanted: CLASS_ANY, or what it has to give. parts
 * that it needs are set. */
bool expr_bind(struct script *s, struct expr *x, const struct scope *scope, enum typing_class wanted, bool needs[ROW_PARTS],
               struct err *e);
bool path_bind(struct script *s, const struct path *p, const struct scope *scope, struct bound *b, struct err *e);
/* Says that a structure has no such field, and which one it may be. False. */
bool field_unknown(struct script *s, const char *name, struct place_in where, struct typing t, struct err *e);
/* The value that a path leads to; NULL where a part on the way is null or is not there. */
struct value *bound_find(const struct bound *b, struct row *row);

/* What it gives for a row, in the arena. ERR_CONVERT. */
bool expr_eval(const struct expr *x, const struct row *row, struct arena *a, struct value *v, struct err *e);
/* Is a condition true? NULL is not. */
bool expr_holds(const struct expr *x, const struct row *row, struct arena *a, bool *holds, struct err *e);

/* --- for expr*.c and functions.c --- */

/* −1, 0, 1; of values that cannot be compared: e is set. */
bool value_order(const struct value *a, enum typing_class ca, const struct value *b, enum typing_class cb, int *order,
                 struct err *e);
/* Does the text fit a pattern of SQL: % any, _ one character? */
bool text_like(const char *text, size_t n, const char *pattern, size_t pn);
bool arithmetic_of(enum expr_op op, const struct value *a, enum typing_class ca, const struct value *b, enum typing_class cb,
                   struct arena *arena, struct value *v, struct err *e);
/* The text of a number, text, truth value, …; of bytes their digits. False: of a list, map or structure. */
bool value_as_text(const struct value *v, struct arena *a, struct value *to);

/* A function's arguments are letters, the last one for all further: t text, i whole number, n number, b text or bytes, l list or map,
 * a anything. NULL in, NULL out, unless `nulls`. */
struct call {
    const struct expr *x;
    const struct row *row;
    const struct value *args;
    uint32_t n;
    struct arena *arena;
};
typedef bool function_fn(const struct call *c, struct value *v, struct err *e);
struct function {
    const char *name;
    uint8_t min, max; /* arguments */
    const char *args;
    bool nulls;
    enum typing_class result; /* ANY: that of its arguments together */
    function_fn *fn;
};
const struct function *function_find(const char *name);
const char *function_at(const void *ctx, size_t i); /* names, for suggestions */

#endif
