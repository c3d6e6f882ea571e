/* A jar: its classes, as Flink's types and as Kryo writes them, against an old job in which each was a POJO, Kryo's or an enum. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inspect/compat.h"
#include "inspect/job_code.h"
#include "inspect/job_told.h"
#include "inspect/job_types.h"

static void compare(struct jar *jar, const char *name, struct arena *a)
{
    static const char *const kinds[] = {"org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot",
                                        "org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializerSnapshot",
                                        "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot",
                                        "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot"};
    static const struct compat_target targets[] = {{FLINK(1, 20), BACKEND_ROCKSDB}, {FLINK(2, 3), BACKEND_HASHMAP}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t t = 0; t < 2; t++) {
            struct job_given given = {.jar = jar, .flink = targets[t].flink};
            struct ser *old = ser_make(a, kinds[k], 0, NULL);
            old->cls = name;
            old->names = arena_alloc(a, 1);
            compat_types(old, job_successor(&given, old, a), "value", &targets[t], a);
        }
}

/* What the code declares, and the layout of a job with states of those names. */
static void follow(struct jar *jar)
{
    struct arena a = {0};
    struct job_code *code = job_code_read(jar);
    struct layout_op op = {
        .id = code->n_operators ? code->operators[0].id : "", .label = "op", .max_parallelism = 128, .parallelism = 1};
    struct layout_state *states = arena_array(&a, code->n_states, sizeof *states);
    for (uint32_t i = 0; i < code->n_states && op.n < 50; i++)
        states[op.n++] =
            (struct layout_state){.name = code->states[i].name, .kind = i & 1 ? KIND_OPERATOR_LIST : code->states[i].kind};
    op.states = states;
    const struct layout old = {.name = "old", .n = 1, .ops = &op};
    for (int flink = 0; flink < 2; flink++) {
        const struct job_given given = {.jar = jar, .flink = flink ? FLINK(2, 3) : FLINK(1, 20), .code = code};
        struct layout new;
        layout_of_job(&new, &old, &given, "job.jar");
        layout_free(&new);
    }
    job_code_free(code);
    arena_free(&a);
}

static void look_at(struct jar *jar)
{
    struct arena a = {0};
    struct job_told told;
    job_told_begin(&told, jar);
    for (size_t i = 0; i < jar_classes(jar) && i < 20; i++) {
        const char *name = jar_class_name(jar, i, &a);
        pthread_mutex_lock(&told.source.lock);
        told.source.find(told.source.ctx, name);
        pthread_mutex_unlock(&told.source.lock);
        compare(jar, name, &a);
    }
    job_told_end(&told);
    follow(jar);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    char path[40];
    int fd = memfd_create("jar", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return close(fd), 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *paths[] = {path};
    struct jar *jar = jar_open(paths, 1, &e);
    if (jar)
        look_at(jar);
    jar_close(jar);
    close(fd);
    return 0;
}
