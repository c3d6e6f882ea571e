/* Inside the binder: the doors of its parts. Each form_<what> makes the rex of one form of SQL; NULL: e is set. */
#ifndef WEIR_SQL_BINDER_H
#define WEIR_SQL_BINDER_H

#include "sql/bind.h"
#include "sql/coerce.h"
#include "sql/rex_make.h"

enum { BIND_MAX_ARGS = 4096 };

/* What all of them take. */
struct bind {
    struct binder *b;
    struct arena *a;
    const struct scope *s;
    struct err *e;
};

const struct rex *bind_one(struct bind *at, const struct ast *x);
/* Kids [from, to) of x; NULL: e is set. */
const struct rex **bind_kids(struct bind *at, const struct ast *x, uint32_t from, uint32_t to);
/* Sets the fault at x; returns NULL. */
const struct rex *bind_wrong(struct bind *at, const struct ast *x, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "Cannot apply 'F' to arguments of type …" */
const struct rex *bind_misfit(struct bind *at, const struct ast *x, const char *name, const struct rex *const *args, uint32_t n);

const struct rex *form_name(struct bind *at, const struct ast *x);
/* A field of a row by its name. */
const struct rex *form_field_of(struct bind *at, const struct ast *x, const struct rex *row, const char *name);

/* --- bind_literal.c --- */
const struct rex *form_number(struct bind *at, const struct ast *x);
const struct rex *form_binary(struct bind *at, const struct ast *x);
const struct rex *form_time(struct bind *at, const struct ast *x);
const struct rex *form_interval(struct bind *at, const struct ast *x);
/* The number with a minus in front of it. */
const struct rex *form_negative(struct bind *at, const struct ast *x);
/* The type of an interval of that unit ("DAY"), NOT NULL. NULL: there is none. */
const struct ltype *form_interval_type(struct arena *a, const char *unit);
/* A literal of an interval. */
const struct rex *form_months_or_ms(struct arena *a, int64_t v, const struct ltype *type);
/* Milliseconds of a unit, or its months; 0: it is none. */
int64_t form_unit_size(const char *unit, bool *months);

/* --- bind_op.c --- */
const struct rex *form_op(struct bind *at, const struct ast *x);
/* The parts of operators that other forms are made of, too. */
const struct rex *form_compare(struct bind *at, const char *op, const struct rex *l, const struct rex *r);
const struct rex *form_logic(struct bind *at, const char *op, const struct rex *const *args, uint32_t n);
const struct rex *form_not(struct bind *at, const struct rex *x);

/* --- bind_arith.c --- */
const struct rex *form_arithmetic(struct bind *at, const struct ast *x, const char *op, const struct rex *l, const struct rex *r);
const struct rex *form_minus(struct bind *at, const struct ast *x);

/* --- bind_case.c --- */
const struct rex *form_case(struct bind *at, const struct ast *x);
const struct rex *form_nullif(struct bind *at, const struct ast *x, const struct rex **v);

/* --- bind_form.c: constructors, items, fields --- */
const struct rex *form_row(struct bind *at, const struct ast *x);
const struct rex *form_array(struct bind *at, const struct ast *x);
const struct rex *form_map(struct bind *at, const struct ast *x);
const struct rex *form_item(struct bind *at, const struct ast *x);
const struct rex *form_field(struct bind *at, const struct ast *x);

/* --- bind_cast.c --- */
const struct rex *form_cast_to(struct bind *at, const struct ast *x);

/* --- bind_call.c --- */
const struct rex *form_call(struct bind *at, const struct ast *x);
/* CURRENT_DATE: a function without parentheses. NULL without an error: it is none. */
const struct rex *form_niladic(struct bind *at, const struct ast *x);
/* A function by its SQL name with operands that are bound already. */
const struct rex *form_function(struct bind *at, const struct ast *x, const char *name, const struct rex **args, uint32_t n);

/* --- bind_unit.c: EXTRACT, FLOOR … TO, TIMESTAMPADD, TIMESTAMPDIFF, TRIM, OVERLAPS --- */
const struct rex *form_unit_call(struct bind *at, const struct ast *x);
const struct rex *form_extract(struct bind *at, const struct ast *x, const char *unit, const struct rex *v);
const struct rex *form_trim(struct bind *at, const struct ast *x);
const struct rex *form_overlaps(struct bind *at, const struct ast *x);

/* --- bind_json.c --- */
const struct rex *form_json(struct bind *at, const struct ast *x);

#endif
