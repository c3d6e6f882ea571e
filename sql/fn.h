/* For those who write functions: what functions.def's rows may use. */
#ifndef WEIR_SQL_FN_H
#define WEIR_SQL_FN_H

#include "sql/civil.h"
#include "sql/dec.h"
#include "sql/expr.h"

/* A function that needs preparing: looks at its operands' types, sets run or row. False: e is set. */
typedef bool (*bind_fn)(struct binding *b, struct expr *x, const struct rex *rex, struct err *e);

#define ROW(name, ident, signature, strict) \
    enum got row_##ident(struct eval *, const struct expr *, const union cell *, const uint8_t *, union cell *);
#define BIND(name, ident, signature) bool bind_##ident(struct binding *, struct expr *, const struct rex *, struct err *);
#include "sql/functions.def"
#undef ROW
#undef BIND

/* for EACH(i) one row of those that a run is for. */
#define EACH(i) for (uint32_t each_ = 0, i; each_ < n && (i = sel ? sel[each_] : each_, true); each_++)

/* "FUNCTION of these types is not there yet". */
bool fn_refuse(const struct expr *x, struct err *e);
/* An expression that gives x's value as another type, or x itself when the cells are the same. */
struct expr *expr_cast(struct binding *b, struct expr *x, const struct ltype *to, struct err *e);
/* A node with those operands that still has to get its run or row. */
struct expr *expr_node(struct binding *b, const struct ltype *type, struct expr **args, uint32_t n);
/* The driver for row functions. */
void run_rows(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n);
/* A symbol operand's word, or "". */
const char *rex_word(const struct rex *rex, uint32_t operand);

/* --- results --- */

static inline enum got got_bool(union cell *out, bool v) { return out->b = v, GOT_VALUE; }
static inline enum got got_int(union cell *out, int64_t v) { return out->i = v, GOT_VALUE; }
static inline enum got got_real(union cell *out, double v) { return out->d = v, GOT_VALUE; }
static inline enum got got_bytes(union cell *out, struct bytes v) { return out->s = v, GOT_VALUE; }
enum got got_text(struct eval *ev, union cell *out, const void *p, size_t n);
/* An empty buffer for the text of one result, and that result: a copy of it. */
static inline struct buf *fn_buf(struct eval *ev)
{
    ev->text.n = 0;
    return &ev->text;
}
static inline enum got got_buf(struct eval *ev, union cell *out)
{
    out->s = scratch_copy(&ev->heap, ev->text.p, ev->text.n);
    return GOT_VALUE;
}
enum got got_failed(struct eval *ev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A number of any type as a double. */
double number_real(const struct ltype *t, union cell v);
/* Characters (code points) of UTF-8; what is malformed counts a byte each. */
size_t text_chars(struct bytes s);
/* Bytes of the first `chars` characters. */
size_t text_prefix(struct bytes s, size_t chars);
/* Whether there is another character at p; its length. */
unsigned text_char(const uint8_t *p, const uint8_t *end);
static inline bool bytes_same(struct bytes a, struct bytes b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }
/* Where b stands in a at or behind `from`, in bytes; -1: nowhere. */
ptrdiff_t bytes_find(struct bytes a, struct bytes b, size_t from);

#endif
