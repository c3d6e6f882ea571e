#include <stdlib.h>
#include <string.h>

#include "inspect/job_gone.h"
#include "inspect/job_types_in.h"
#include "savepoint/codec.h"
#include "savepoint/ser_facts.h"

struct pojo_field {
    const struct java_field *f;
    const struct job_env *env;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct pojo_field *)a)->f->name, ((const struct pojo_field *)b)->f->name);
}

/* Serializers that only a declaration of the job's gives to fields of these classes: what it declared once it declares still. */
static bool is_declared(const struct ser *old, const struct java_type *t)
{
    static const char *const natural[][2] = {{"List", "java.util.List"},
                                             {"Map", "java.util.Map"},
                                             {"Set", "java.util.Set"},
                                             {"LocalDate", "java.time.LocalDate"},
                                             {"LocalTime", "java.time.LocalTime"},
                                             {"LocalDateTime", "java.time.LocalDateTime"},
                                             {"Row", "org.apache.flink.types.Row"},
                                             {"Either", "org.apache.flink.types.Either"},
                                             {"Avro", "org.apache.avro.generic.GenericRecord"}};
    for (size_t i = 0; old && old->row && i < sizeof natural / sizeof *natural; i++)
        if (!strcmp(old->row->name, natural[i][0]) && t->kind == JAVA_CLASS && !strcmp(t->name, natural[i][1]))
            return true;
    return false;
}

static struct ser *field_ser(struct job_work *w, const struct pojo_field *x, const struct job_path *path, const struct ser *old)
{
    const struct job_env *env = x->env;
    const struct java_type *t = job_resolve(x->f->type, &env);
    if (!t && env && env->open && old)
        return job_work_successor(w, old);
    if (!t && env && !env->open)
        return job_work_kryo(w, x->f->raw, NULL, old); /* Flink gives up on the variable */
    if (x->f->type_info || !t || is_declared(old, t))
        return job_work_kept(w, old);
    const struct job_path here = {t->name, path};
    struct ser *s = job_work_type(w, t, env, &here, old);
    return s ? s : job_work_kryo(w, x->f->raw, NULL, old);
}

static const struct ser *old_field(const struct ser *old, const char *name)
{
    for (uint32_t i = 0; job_is(old, "POJO") && old->names && i < old->n; i++)
        if (!strcmp(old->names[i], name))
            return old->kids[i];
    return NULL;
}

/* A field that is no more, whose class went with it: PojoSerializerSnapshot#restoreSerializer needs all of the old serializers. */
static void removed_fields(struct job_work *w, struct ser *s, const struct ser *old)
{
    for (uint32_t i = 0; job_is(old, "POJO") && old->names && i < old->n; i++) {
        bool kept = old_field(s, old->names[i]);
        const char *why = kept ? NULL : job_gone(w->given, w->a, old->kids[i]);
        if (why)
            job_add_attr(
                w, s, "gone",
                arena_printf(w->a, "field %s was removed, and with it what its old values are read by: %s", old->names[i], why));
    }
}

/* A field of the old class that is still there, but static or transient: Flink finds it, and no serializer for it. */
static const char *no_longer_written(struct job_work *w, const struct job_chain *chain, const struct ser *old, uint32_t i)
{
    const struct pojo_facts *facts = old->extra;
    for (uint32_t c = 0; c < chain->n; c++) {
        const struct class_file *file = chain->envs[c]->c;
        if (facts && facts->declaring && facts->declaring[i] && strcmp(facts->declaring[i], file->name) != 0)
            continue;
        for (uint32_t k = 0; k < file->n_fields; k++)
            if (!strcmp(file->fields[k].name, old->names[i]) && !job_is_pojo_field(&file->fields[k]))
                return arena_printf(w->a, "field %s became %s, which Flink does not take for removed", old->names[i],
                                    file->fields[k].access & ACC_STATIC ? "static" : "transient");
    }
    return NULL;
}

static void fields_gone(struct job_work *w, struct ser *s, const struct job_chain *chain, const struct ser *old)
{
    for (uint32_t i = 0; old->names && i < old->n; i++) {
        const char *why = old_field(s, old->names[i]) ? NULL : no_longer_written(w, chain, old, i);
        if (why)
            job_add_attr(w, s, "gone", why);
    }
}

/* What the registered subclasses are now. */
static void subclass_sers(struct job_work *w, struct pojo_facts *to, const struct ser *old)
{
    const struct pojo_facts *from = old->extra;
    to->n_registered = from ? from->n_registered : 0;
    to->registered = arena_array(w->a, to->n_registered, sizeof *to->registered);
    for (uint32_t i = 0; i < to->n_registered; i++)
        to->registered[i] = (struct pojo_subclass){from->registered[i].cls, job_work_successor(w, from->registered[i].ser)};
}

struct ser *job_pojo(struct job_work *w, const struct job_chain *chain, const struct job_path *path, const struct ser *old)
{
    const char *cls = chain->envs[0]->c->name;
    uint32_t n = 0, all = 0;
    struct job_path *on = arena_array(w->a, chain->n, sizeof *on);
    for (uint32_t i = 0; i < chain->n; i++) {
        all += chain->envs[i]->c->n_fields;
        on[i] = (struct job_path){chain->envs[i]->c->name, i ? &on[i - 1] : path};
    }
    struct pojo_field *fields = arena_array(w->a, all, sizeof *fields);
    for (uint32_t i = 0; i < chain->n; i++)
        for (uint32_t k = 0; k < chain->envs[i]->c->n_fields; k++)
            if (job_is_pojo_field(&chain->envs[i]->c->fields[k]))
                fields[n++] = (struct pojo_field){&chain->envs[i]->c->fields[k], chain->envs[i]};
    qsort(fields, n, sizeof *fields, by_name);
    struct ser **kids = arena_array(w->a, n, sizeof *kids);
    const char **names = arena_array(w->a, n, sizeof *names);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = fields[i].f->name;
        kids[i] = field_ser(w, &fields[i], &on[chain->n - 1], old_field(old, names[i]));
    }
    struct ser *s = job_work_made(w, "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", cls, "POJO", n, kids);
    s->names = names;
    struct pojo_facts *facts = arena_alloc(w->a, sizeof *facts);
    facts->declaring = arena_array(w->a, n, sizeof *facts->declaring);
    for (uint32_t i = 0; i < n; i++)
        facts->declaring[i] = fields[i].env->c->name;
    s->extra = facts;
    if (job_is(old, "POJO") && !strcmp(old->cls, cls)) {
        s->n_attrs = old->n_attrs;
        s->attrs = old->attrs;
        removed_fields(w, s, old);
        fields_gone(w, s, chain, old);
        subclass_sers(w, facts, old);
    }
    return s;
}
