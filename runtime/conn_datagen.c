/* Connector datagen: rows of chance, or sequences (DataGenTableSourceFactory of flink-table-api-java-bridge 2.3). Sequences are dealt among the
 * subtasks, and end the table. Texts are hexadecimal digits, as Flink's are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/conn.h"
#include "runtime/generate.h"
#include "base/duration.h"

struct field {
    uint32_t col;
    const struct ltype *type;
    bool sequence;
    int64_t min, max; /* of integers; a sequence's start and end */
    double low, high; /* of FLOAT and DOUBLE */
    uint32_t length;
    double null_rate;
    int64_t max_past; /* milliseconds */
};

struct datagen {
    uint32_t n;
    struct field *fields;
    struct pace pace; /* of this subtask */
    int64_t rows;     /* INT64_MAX: no end */
    int64_t made;     /* by it, restarts included */
    uint64_t random;
};

static uint64_t chance(struct datagen *d) { return dice(&d->random); }
static double share(struct datagen *d) { return dice_share(&d->random); }

static bool integer(struct op *o, const struct cplan_table *t, const char *field, const char *name, int64_t otherwise, int64_t *v,
                    struct err *e)
{
    return option_int(t, arena_printf(o->a, "fields.%s.%s", field, name), otherwise, v, e);
}

static bool real(struct op *o, const struct cplan_table *t, const char *field, const char *name, double otherwise, double *v,
                 struct err *e)
{
    const char *key = arena_printf(o->a, "fields.%s.%s", field, name), *text = cplan_option(t, key, NULL);
    char *end;
    *v = otherwise;
    if (!text)
        return true;
    *v = strtod(text, &end);
    return (end != text && !*end) || err_set(e, ERR_USAGE, "option '%s' of table %s is no number: %s", key, t->name, text);
}

static void limits(const struct ltype *t, int64_t *min, int64_t *max)
{
    unsigned bits = t->slot == SLOT_I8 ? 8 : t->slot == SLOT_I16 ? 16 : t->slot == SLOT_I32 ? 32 : 64;
    *max = INT64_MAX >> (64 - bits);
    *min = -*max - 1;
}

static bool read_field(struct op *o, struct source *s, struct field *f, const char *name, struct err *e)
{
    const struct cplan_table *t = &s->table;
    const char *kind = cplan_option(t, arena_printf(o->a, "fields.%s.kind", name), "random");
    const char *past = cplan_option(t, arena_printf(o->a, "fields.%s.max-past", name), "0 ms");
    int64_t least, most, length;
    limits(f->type, &least, &most);
    f->sequence = !strcmp(kind, "sequence");
    if (!f->sequence && strcmp(kind, "random"))
        return err_set(e, ERR_USAGE, "fields.%s.kind is random or sequence, not '%s'", name, kind);
    if (f->sequence && !type_is_integer(f->type) && !type_is_text(f->type))
        return op_refuse(o, e, arena_printf(o->a, "a sequence of %s", lroot_name(f->type->root)));
    if (!f->sequence && cell_points(f->type) && !type_is_text(f->type) && !type_is_bytes(f->type))
        return op_refuse(o, e, arena_printf(o->a, "generating %s", lroot_name(f->type->root)));
    if (!duration_option(past, &f->max_past))
        return err_set(e, ERR_USAGE, "fields.%s.max-past is no duration: %s", name, past);
    bool limited = f->type->length > 0 && f->type->length < TYPE_MAX_LENGTH;
    if (!integer(o, t, name, "length", limited ? f->type->length : 100, &length, e) ||
        !real(o, t, name, "null-rate", 0, &f->null_rate, e))
        return false;
    if (length < 0 || length > 1 << 20)
        return err_set(e, ERR_USAGE, "fields.%s.length is from 0 to 1048576", name);
    f->length = (uint32_t)length;
    if (type_is_real(f->type))
        return real(o, t, name, "min", f->type->slot == SLOT_FLOAT ? 1.17549435e-38 : 2.2250738585072014e-308, &f->low, e) &&
            real(o, t, name, "max", f->type->slot == SLOT_FLOAT ? 3.4028234663852886e38 : 1.7976931348623157e308, &f->high, e);
    const char *first = f->sequence ? "start" : "min", *last = f->sequence ? "end" : "max";
    if (f->sequence && !cplan_option(t, arena_printf(o->a, "fields.%s.end", name), NULL))
        return err_set(e, ERR_USAGE, "a sequence needs fields.%s.start and fields.%s.end", name, name);
    if (!integer(o, t, name, first, least, &f->min, e) || !integer(o, t, name, last, most, &f->max, e))
        return false;
    return f->min <= f->max || err_set(e, ERR_USAGE, "fields.%s.%s is above fields.%s.%s", name, first, name, last);
}

/* A share of n: one more for the first ones. */
static int64_t dealt(const struct op *o, int64_t n) { return n / o->subtasks + (o->subtask < n % o->subtasks); }

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    struct datagen *d = s->self = arena_alloc(o->a, sizeof *d);
    int64_t rows, per_second;
    if (!option_int(&s->table, "rows-per-second", 10000, &per_second, e) ||
        !option_int(&s->table, "number-of-rows", INT64_MAX, &rows, e))
        return false;
    if (rows < 0 || per_second < 1)
        return err_set(e, ERR_USAGE, "rows-per-second and number-of-rows of table %s are above 0", s->table.name);
    d->fields = arena_array(o->a, s->physical->n + 1, sizeof *d->fields);
    d->random = o->ev->random;
    for (uint32_t c = 0; c < s->physical->n; c++) {
        struct field *f = &d->fields[d->n];
        f->type = s->physical->kids[c];
        if (!read_field(o, s, f, s->physical->names[c], e))
            return false;
        if (f->sequence && (u128)((i128)f->max - f->min) < (u128)rows) /* the shortest one ends it */
            rows = f->max - f->min + 1;
        if (s->column_of[c] < 0)
            continue;
        f->col = (uint32_t)s->column_of[c];
        d->n++;
    }
    d->rows = rows == INT64_MAX ? rows : dealt(o, rows);
    d->pace.per_second = dealt(o, per_second);
    d->pace.per_second = d->pace.per_second ? d->pace.per_second : 1;
    return true;
}

static struct bytes text(struct op *o, struct datagen *d, const struct field *f)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *p = scratch_alloc(&o->ev->heap, f->length + 1);
    uint64_t bits = 0;
    for (uint32_t i = 0; i < f->length; i++, bits >>= 4) {
        if (i % 16 == 0)
            bits = chance(d);
        p[i] = (uint8_t)digits[bits & 15];
    }
    return (struct bytes){p, f->length};
}

static union cell in_sequence(struct op *o, struct datagen *d, const struct field *f)
{
    int64_t v = f->min + d->made * o->subtasks + o->subtask;
    if (!type_is_text(f->type))
        return (union cell){.i = v};
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)v);
    return (union cell){.s = scratch_copy(&o->ev->heap, digits, (size_t)n)};
}

static union cell by_chance(struct op *o, struct datagen *d, const struct field *f, int64_t now)
{
    int64_t past = f->max_past ? (int64_t)(chance(d) % (uint64_t)f->max_past) : 0;
    uint64_t span = (uint64_t)f->max - (uint64_t)f->min + 1;
    switch (f->type->slot) {
    case SLOT_BOOLEAN:
        return (union cell){.b = chance(d) & 1};
    case SLOT_TEXT:
    case SLOT_BYTES:
        return (union cell){.s = text(o, d, f)};
    case SLOT_FLOAT:
        return (union cell){.d = (double)(float)(f->low + share(d) * (f->high - f->low))};
    case SLOT_DOUBLE:
        return (union cell){.d = f->low + share(d) * (f->high - f->low)};
    case SLOT_TIMESTAMP:
        return (union cell){.t = {now - past, 0}};
    case SLOT_DECIMAL: {
        i128 most = 1;
        for (int32_t i = 0; i < f->type->precision; i++)
            most *= 10;
        return (union cell){.dec = (i128)(((u128)chance(d) << 64 | chance(d)) % (u128)most)};
    }
    default:
        if (f->type->root == L_DATE)
            return (union cell){.i = now / 86400000};
        if (f->type->root == L_TIME)
            return (union cell){.i = now % 86400000};
        return (union cell){.i = (int64_t)((uint64_t)f->min + (span ? chance(d) % span : chance(d)))};
    }
}

/* At most what the pace allows until now. */
static enum step step(struct op *o, struct source *s)
{
    struct datagen *d = s->self;
    const struct world *w = job_world(o->job);
    int64_t now = w->now(w->ctx);
    if (d->made >= d->rows)
        return STEP_OVER;
    int64_t n = pace_due(&d->pace, now, job_batch_rows(o->job), &o->wake);
    if (!n)
        return STEP_LATER;
    for (; n > 0 && d->made < d->rows && s->left > 0; n--, d->made++, d->pace.counted++, s->left--) {
        uint32_t row = op_row(o, ROW_INSERT);
        for (uint32_t i = 0; i < d->n; i++) {
            const struct field *f = &d->fields[i];
            bool null = f->null_rate > 0 && share(d) < f->null_rate;
            op_put(o, row, f->col, f->sequence ? in_sequence(o, d, f) : by_chance(o, d, f, now), null);
        }
        op_count(&o->rows_in, 1);
    }
    return STEP_MORE;
}

static void snapshot_source(struct op *o, struct source *s, struct snap *to)
{
    const struct datagen *d = s->self;
    position_put(o, to, d->made, 0);
}

static bool restore_source(struct op *o, struct source *s, const struct snap *of, struct err *e)
{
    struct datagen *d = s->self;
    int64_t none;
    return position_take(o, s, of, &d->made, &none, e);
}

static const char *const options[] = {"rows-per-second", "number-of-rows", "fields.*", NULL};

const struct connector conn_datagen = {.name = "datagen",
                                       .options = options,
                                       .open_source = open_source,
                                       .step = step,
                                       .snapshot_source = snapshot_source,
                                       .restore_source = restore_source};
