/* A job known by its jar: the golden jobs against their own classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "inspect/compat.h"
#include "inspect/job_code.h"
#include "inspect/job_told.h"
#include "inspect/job_types.h"

#define GOLDEN "tests/golden/"

struct job {
    struct snapshot *snapshot;
    struct names names;
    struct tree tree;
    struct layout old, new;
    struct jar *jar;
};

static void open_job(struct job *x, const char *snapshot, int flink)
{
    static const struct tree_opts quick = {.depth = TREE_QUICK, .late_states = true, .jobs = 1};
    static const struct snapshot_opts opts = {0};
    const char *jar = GOLDEN "model.jar";
    struct err e = {0};
    *x = (struct job){0};
    if (!snapshot_open(&x->snapshot, snapshot, &opts, &e) || !tree_build(&x->tree, x->snapshot, &x->names, &quick, &e) ||
        !(x->jar = jar_open(&jar, 1, &e)))
        fail_msg("%s", e.text);
    const struct job_given given = {.jar = x->jar, .flink = flink};
    layout_of_tree(&x->old, &x->tree);
    layout_of_job(&x->new, &x->old, &given, "model.jar");
}

static void close_job(struct job *x)
{
    layout_free(&x->new);
    layout_free(&x->old);
    tree_free(&x->tree);
    snapshot_close(x->snapshot);
    names_free(&x->names);
    jar_close(x->jar);
}

/* The states that are not as they were, "name: why" each; and how many there are in all. */
static uint32_t others(const struct job *x, int flink, struct buf *said)
{
    const struct compat_target target = {flink, BACKEND_ROCKSDB};
    struct arena a = {0};
    uint32_t all = 0;
    for (uint32_t i = 0; i < x->old.n; i++) {
        assert_int_equal(compat_keys(x->old.ops[i].key, x->new.ops[i].key, &target, &a).verdict, VERDICT_AS_IS);
        for (uint32_t k = 0; k < x->old.ops[i].n; k++, all++) {
            struct compat c = compat_state(&x->old.ops[i].states[k], &x->new.ops[i].states[k], &target, &a);
            if (c.verdict != VERDICT_AS_IS)
                buf_printf(said, "%s: %s: %s\n", x->old.ops[i].states[k].name, verdict_name(c.verdict), c.why);
        }
    }
    arena_free(&a);
    return all;
}

/* Every serializer that Flink made of the golden jobs' classes is the one that weir makes of them. */
static void jobs_go_on_with_their_classes(void **state)
{
    (void)state;
    static const struct {
        const char *snapshot;
        int flink;
        uint32_t states;
    } jobs[] = {{GOLDEN "1.20.5-hashmap-canonical-types/snapshot", FLINK(1, 20), 142},
                {GOLDEN "2.3.0-hashmap-canonical-types/snapshot", FLINK(2, 3), 145}};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        struct job x;
        struct buf said = {0};
        open_job(&x, jobs[i].snapshot, jobs[i].flink);
        assert_int_equal(others(&x, jobs[i].flink, &said), jobs[i].states);
        assert_string_equal(buf_cstr(&said), "");
        buf_free(&said);
        close_job(&x);
    }
}

/* The same classes in Flink 2, which has serializers for collections. */
static void collections_differ_in_flink_2(void **state)
{
    (void)state;
    struct job x;
    struct buf said = {0};
    open_job(&x, GOLDEN "1.20.5-hashmap-canonical-types/snapshot", FLINK(2, 3));
    others(&x, FLINK(2, 3), &said);
    assert_non_null(strstr(buf_cstr(&said), "value.counts: Kryo Map became Nullable<Map<Nullable<String>, Integer>>"));
    /* flink-avro was there, so that all of Kryo's serializers hold an object of Flink 1's */
    assert_non_null(strstr(buf_cstr(&said),
                           "value-kryo_uuid: incompatible: value: Flink 2 does not read the serializer of "
                           "org.apache.avro.generic.GenericData$Array"));
    assert_non_null(strstr(buf_cstr(&said), "value.notes: Kryo List became Nullable<List<Nullable<String>>>"));
    buf_free(&said);
    close_job(&x);
}

static const struct told_decl *told(struct job_told *t, const char *name)
{
    pthread_mutex_lock(&t->source.lock);
    const struct told_decl *d = t->source.find(t->source.ctx, name);
    pthread_mutex_unlock(&t->source.lock);
    return d;
}

static void jars_tell_what_kryo_writes(void **state)
{
    (void)state;
    const char *path = GOLDEN "model.jar";
    struct err e = {0};
    struct jar *jar = jar_open(&path, 1, &e);
    struct job_told t;
    assert_non_null(jar);
    job_told_begin(&t, jar);
    const struct told_decl *d = told(&t, "golden.Model$Opaque");
    static const char *const names[] = {"boxed", "number", "text", "values"};
    static const enum told_type types[] = {TOLD_OBJECT, TOLD_INT, TOLD_OBJECT, TOLD_OBJECT};
    assert_non_null(d);
    assert_int_equal(d->kind, TOLD_CLASS);
    assert_false(d->final);
    assert_int_equal(d->n, 4);
    for (uint32_t i = 0; i < d->n; i++) {
        assert_string_equal(d->fields[i].name, names[i]);
        assert_int_equal(d->fields[i].type, types[i]);
    }
    assert_string_equal(d->fields[3].cls, "[J");
    d = told(&t, "golden.Model$Car"); /* with what it inherits */
    assert_int_equal(d->n, 3);
    assert_string_equal(d->fields[0].name, "maker");
    d = told(&t, "golden.Model$Person");
    for (uint32_t i = 0; i < d->n; i++)
        if (!strcmp(d->fields[i].name, "counts"))
            assert_string_equal(d->fields[i].cls, "java.util.Map<java.lang.String,java.lang.Integer>");
    d = told(&t, "golden.Model$Level");
    assert_int_equal(d->kind, TOLD_ENUM);
    assert_true(d->final);
    assert_string_equal(d->fields[2].name, "HIGH");
    assert_false(told(&t, "golden.Model$Shape")->final);
    assert_null(told(&t, "golden.Model$Shape$1"));
    assert_null(told(&t, "java.util.ArrayList"));
    assert_null(told(&t, "golden.Nobody"));
    job_told_end(&t);
    jar_close(jar);
}

/* The declarations in tests/flink/declared/Declared.java. */
static void code_tells_what_is_declared(void **state)
{
    (void)state;
    static const char said[] = "Declared$Other: value-string VALUE -\n"
                               "Declared$Other: list-long VALUE Long\n"
                               "Declared$Other: map-string MAP Long String\n"
                               "Declared$Other: reducing-long VALUE -\n"
                               "Declared$Other: ttl-VALUE VALUE String\n"
                               "Declared$Other: ttl-LIST LIST ttl List<String>\n"
                               "Declared$Other: aggregating-long VALUE -\n"
                               "Declared$Own: either LIST/5 Long\n"
                               "Declared$Own: union LIST/3 long[]\n"
                               "Declared$Own: rules MAP/4 String Kryo Thread\n"
                               "Declared$Own: value-string MAP String String\n"
                               "Declared$Same: map-string MAP String String\n"
                               "Declared$Same: value-string VALUE String\n"
                               "Declared$Same: list-long LIST Long\n"
                               "Declared$Same: reducing-long REDUCING Long\n"
                               "Declared$Same: aggregating-long AGGREGATING Tuple2<Long, Integer>\n"
                               "Declared$Same: ttl-VALUE VALUE ttl String\n"
                               "Declared$Same: ttl-LIST LIST ttl? String\n"
                               "Declared$Same: added VALUE List<Integer>\n";
    const char *path = GOLDEN "declared.jar";
    static const char *const ttls[] = {"", " ttl", " ttl?"};
    struct err e = {0};
    struct jar *jar = jar_open(&path, 1, &e);
    assert_non_null(jar);
    struct job_code *code = job_code_read(jar);
    const struct job_given given = {.jar = jar, .flink = FLINK(2, 3), .code = code};
    struct arena a = {0};
    struct buf b = {0};
    for (uint32_t i = 0; i < code->n_states; i++) {
        const struct job_code_state *st = &code->states[i];
        const struct code_node *types[] = {st->key_type, st->type};
        buf_printf(&b, "%s: %s %s%s", strrchr(st->cls, '.') + 1, st->name, kind_name(st->kind), ttls[st->ttl]);
        if (st->use > USE_KEYED)
            buf_printf(&b, "/%d", st->use);
        for (size_t k = 0; k < 2; k++) {
            const struct ser *s = types[k] ? job_code_type(&given, types[k], NULL, &a) : NULL;
            buf_puts(&b, !types[k] ? "" : s ? " " : " -");
            if (s)
                ser_type(s, &b);
        }
        buf_putc(&b, '\n');
    }
    assert_string_equal(buf_cstr(&b), said);
    assert_true(code->complete);
    assert_int_equal(code->max_parallelism, 128);
    assert_int_equal(code->n_operators, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct job_code_operator *op = &code->operators[i];
        const struct ser *key = job_code_key(&given, op, NULL, &a);
        const char *keys[] = {NULL, "Long", "String"};
        assert_string_equal(op->uid, ((const char *const[]){"numbers", "states-by-long", "states-by-string"})[i]);
        assert_int_equal(op->max_parallelism, i ? 0 : 64);
        assert_true(!key == !keys[i] && (!key || !strcmp(key->row->name, keys[i])));
        assert_int_equal(job_code_is_of(&given, op, "declared.Declared$Same"), i == 1);
        assert_int_equal(job_code_is_plain(&given, op), i > 0);
    }
    buf_free(&b);
    arena_free(&a);
    job_code_free(code);
    jar_close(jar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_go_on_with_their_classes),
        cmocka_unit_test(collections_differ_in_flink_2),
        cmocka_unit_test(jars_tell_what_kryo_writes),
        cmocka_unit_test(code_tells_what_is_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
