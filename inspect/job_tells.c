/* What a jar says something of. */
#include <string.h>

#include "inspect/job_gone.h"
#include "savepoint/ser_facts.h"

enum { DEPTH_MAX = 100 };

/* "zoo.Cat", "[Lzoo.Cat;" */
static bool in_jar(const struct job_given *g, const char *cls)
{
    const char *why;
    struct arena a = {0};
    while (*cls == '[')
        cls++;
    size_t n = strlen(cls);
    if (n > 2 && *cls == 'L' && cls[n - 1] == ';')
        cls = arena_strn(&a, cls + 1, n - 2);
    bool there = jar_class(g->jar, cls, &why) != NULL;
    arena_free(&a);
    return there;
}

static bool has_schema(const struct job_given *g, const struct ser *s)
{
    const struct avro_facts *f = s->extra;
    if (strcmp(s->row->name, "Avro") != 0 || !f || !f->schema || !f->schema->name)
        return false;
    for (uint32_t i = 0; i < g->n_avro; i++)
        if (!strcmp(g->avro[i].name, f->schema->name))
            return true;
    return false;
}

static bool tells(const struct job_given *g, const struct ser *s, unsigned depth)
{
    if (!s || depth > DEPTH_MAX)
        return false;
    if (g->jar && ((s->cls && in_jar(g, s->cls)) || (!s->row && in_jar(g, s->snapshot_class))))
        return true;
    if (s->row && has_schema(g, s))
        return true;
    for (uint32_t i = 0; i < s->n; i++)
        if (tells(g, s->kids[i], depth + 1))
            return true;
    return false;
}

bool job_tells(const struct job_given *given, const struct ser *old) { return tells(given, old, 0); }
