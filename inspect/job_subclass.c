#include "inspect/job_subclass.h"

#include <string.h>

#include "inspect/compat.h"
#include "inspect/job_gone.h"
#include "savepoint/ser_write.h"

enum { DEPTH_MAX = 60, CONSTANTS_MAX = 1 << 14 };

static bool is_a(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

/* The tree with all that reading needs. NULL: a part of it is not known. */
static struct ser *readable(struct arena *a, const struct ser *s, bool flink2, int depth);

static struct ser *readable_enum(struct arena *a, const struct ser *s)
{
    const char *p = job_attr(s, "constants"), **list = arena_array(a, CONSTANTS_MAX, sizeof *list);
    uint32_t n = 0;
    for (; p && *p && n < CONSTANTS_MAX; p += strcspn(p, " "), p += *p == ' ')
        list[n++] = arena_strn(a, p, strcspn(p, " "));
    return ser_enum(a, s->cls, list, n);
}

static struct ser *readable_pojo(struct arena *a, const struct ser *s, struct ser **kids)
{
    struct ser_field *fields = arena_array(a, s->n, sizeof *fields);
    for (uint32_t i = 0; i < s->n; i++)
        fields[i] = (struct ser_field){s->names[i], kids[i], NULL};
    return ser_pojo(a, s->cls, fields, s->n);
}

static struct ser *readable(struct arena *a, const struct ser *s, bool flink2, int depth)
{
    struct err quiet = {0};
    if (!s || !s->row || depth > DEPTH_MAX || job_attr(s, "gone"))
        return NULL;
    struct ser **kids = arena_array(a, s->n, sizeof *kids);
    for (uint32_t i = 0; i < s->n; i++)
        if (!(kids[i] = readable(a, s->kids[i], flink2, depth + 1)))
            return NULL;
    if (is_a(s, "POJO"))
        return readable_pojo(a, s, kids);
    if (is_a(s, "Kryo"))
        return ser_kryo(a, s->cls, flink2);
    if (is_a(s, "Enum"))
        return readable_enum(a, s);
    if (is_a(s, "Avro"))
        return ser_avro(a, s->cls, job_attr(s, "schema") ? job_attr(s, "schema") : "", &quiet);
    if (is_a(s, "Tuple"))
        return ser_tuple(a, kids, s->n);
    if (is_a(s, "Array"))
        return ser_array(a, s->cls, kids[0]);
    if (is_a(s, "List"))
        return ser_list(a, kids[0]);
    if (is_a(s, "Map"))
        return ser_map(a, kids[0], kids[1]);
    if (is_a(s, "Set"))
        return ser_set(a, kids[0]);
    if (is_a(s, "Nullable"))
        return ser_nullable(a, kids[0]);
    return s->n ? NULL : ser_plain(a, s->row->name);
}

struct ser *job_subclass(const struct job_given *given, const char *cls, struct arena *a)
{
    return readable(a, job_class_ser(given, cls, a), given->flink >= FLINK(2, 0), 0);
}
