/* Reads every snapshot in Flink's own test jars to the last byte, and says what it could not read and why.
 *
 *   conformance [-v] TREE TOLD
 *
 * TREE is what fetch.sh laid out, TREE/<artifact>-<version>/…; TOLD declares what Flink's test classes write by code of their own
 * (savepoint/told.h), which no snapshot says; -v shows each fixture as it is read.
 *
 * These shapes lie in the jars:
 *
 *   pair        <name>-<flink version>/serializer-snapshot and test-data: a serializer's snapshot and a value of it
 *               (TypeSerializerUpgradeTestBase); flink-1.x-<name>-snapshot and -data: the same, older, with ten values
 *   savepoint   a folder with `_metadata`
 *   harness     …-snapshot: the state of one operator in one file (OperatorSnapshotUtil#writeStateHandle)
 *   snapshot    serializer-snapshot-v2: a serializer's snapshot alone
 *
 * A jar repeats what older jars hold, so each fixture is counted once, by its path and its bytes. The same test's fixture of
 * another Flink version is another one. What is set apart, and why, is printed, too. Exit 0: at least 98 % of the others are exact. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "tests/conformance/judge.h"

enum { GOAL = 98 };

enum shape { PAIR, SAVEPOINT, HARNESS, SNAPSHOT, OTHER, SHAPES };
static const char *const shape_word[SHAPES] = {"pair", "savepoint", "harness", "snapshot", "other"};

/* Files of state that are neither, and why they are not counted. */
static const struct {
    const char *name, *why;
} others[] = {
    {"snapshot", "a file sink's bucket, by its SimpleVersionedSerializer: no serializer's snapshot is there"},
    {"recoverable", "a file sink's recoverable, by its SimpleVersionedSerializer: no serializer's snapshot is there"},
    {"committable", "a file sink's committable, by its SimpleVersionedSerializer: no serializer's snapshot is there"},
    {"heap_keyed_statebackend_1_5_map.snapshot", "a Java object of Flink 1.5, SnapshotResult"},
    {"serialized-kryo-serializer-1.3", "a Java object of Flink 1.3, KryoSerializer"},
    {"type-with-avro-serialized-using-kryo", "a Kryo value without its serializer's snapshot"},
    {"type-without-avro-serialized-using-kryo", "a Kryo value without its serializer's snapshot"},
};

struct tally {
    unsigned n[4]; /* by verdict */
};

static unsigned tally_all(const struct tally *t) { return t->n[EXACT] + t->n[OPAQUE] + t->n[FAILED]; }

struct fixture {
    const char *name; /* path inside the jar */
    uint64_t hash;    /* of its bytes */
    enum shape shape;
    struct judged judged;
};

struct run {
    struct arena arena;
    struct fixture *all; /* each once */
    size_t n, cap;
    struct tally jar; /* of the jar being walked, repeated fixtures included */
    struct tally shapes[SHAPES];
    bool verbose;
};

static void die(const char *what)
{
    fprintf(stderr, "conformance: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* FNV-1a, 64 bits, carried on over several files. */
static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3;
    return h;
}

static uint64_t hash_file(uint64_t h, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        die(path);
    uint8_t part[65536];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        h = hash_bytes(h, part, n);
    if (ferror(f))
        die(path);
    fclose(f);
    return h;
}

struct names {
    char **p;
    size_t n;
};

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static struct names list(const char *dir)
{
    struct names names = {0};
    DIR *d = opendir(dir);
    if (!d)
        die(dir);
    for (struct dirent *e; (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        names.p = mem_grow(names.p, names.n + 1, sizeof *names.p);
        names.p[names.n++] = mem_strdup(e->d_name);
    }
    closedir(d);
    if (names.n)
        qsort(names.p, names.n, sizeof *names.p, by_text);
    return names;
}

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->p[i]);
    free(names->p);
}

static bool has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (!strcmp(names->p[i], name))
            return true;
    return false;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

/* The Flink that wrote a fixture is in its name only: "…-2.0", "…-flink2.1-snapshot", "…-flink-2.2-HEAP-V1-snapshot". */
static bool is_flink2(const char *name)
{
    const char *base = strrchr(name, '/');
    base = base ? base + 1 : name;
    for (const char *p = base; (p = strstr(p, "2.")); p++)
        if (p > base && (p[-1] == '-' || p[-1] == 'k') && p[2] >= '0' && p[2] <= '9')
            return true;
    return false;
}

static const char *const verdict_word[] = {"exact", "opaque", "failed", "apart"};

/* One fixture: judged when it is new, counted for its jar in any case. data: of a pair; of OTHER, why it is not counted. */
static void met(struct run *run, enum shape shape, const char *name, const char *path, const char *data, uint64_t hash)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->all[i].hash == hash && !strcmp(run->all[i].name, name)) {
            run->jar.n[run->all[i].judged.verdict]++;
            return;
        }
    struct judged j = {0};
    switch (shape) {
    case PAIR:
    case SNAPSHOT:
        j = judge_pair(path, data, data && ends_with(data, "-data") && !ends_with(data, "/test-data"), is_flink2(name));
        break;
    case SAVEPOINT:
        j = judge_savepoint(path);
        break;
    case HARNESS:
        j = judge_harness(path, is_flink2(name));
        break;
    default:
        j.verdict = APART;
        snprintf(j.why, sizeof j.why, "%s", data);
    }
    if (run->n == run->cap)
        run->all = mem_grow(run->all, run->cap = run->cap ? 2 * run->cap : 256, sizeof *run->all);
    run->all[run->n++] = (struct fixture){arena_str(&run->arena, name), hash, shape, j};
    run->jar.n[j.verdict]++;
    run->shapes[shape].n[j.verdict]++;
    if (run->verbose)
        printf("%s %s %s %s\n", verdict_word[j.verdict], shape_word[shape], name, j.why);
}

static const uint64_t hash_start = 0xcbf29ce484222325;

static void walk(struct run *run, const char *dir, const char *name)
{
    struct names names = list(dir);
    struct arena a = {0};
    bool pair = has(&names, "serializer-snapshot") && has(&names, "test-data");
    bool savepoint = has(&names, "_metadata");
    uint64_t hash = hash_start;
    for (size_t i = 0; i < names.n; i++) {
        const char *base = names.p[i];
        char *path = arena_printf(&a, "%s/%s", dir, base);
        char *inner = arena_printf(&a, "%s%s%s", name, *name ? "/" : "", base);
        struct stat st;
        if (lstat(path, &st))
            die(path);
        if (S_ISDIR(st.st_mode)) {
            walk(run, path, inner);
            continue;
        }
        if (pair || savepoint) {
            hash = hash_bytes(hash, base, strlen(base) + 1);
            hash = hash_file(hash, path);
        } else if (!strncmp(base, "flink-1.", 8) && ends_with(base, "-snapshot")) {
            char *data = arena_printf(&a, "%.*sdata", (int)(strlen(path) - strlen("snapshot")), path);
            met(run, PAIR, inner, path, data, hash_file(hash_file(hash_start, path), data));
        } else if (!strcmp(base, "serializer-snapshot-v2") || !strncmp(base, "kryo-serializer-", 16)) {
            met(run, SNAPSHOT, inner, path, NULL, hash_file(hash_start, path));
        } else if (ends_with(base, "-snapshot")) {
            met(run, HARNESS, inner, path, NULL, hash_file(hash_start, path));
        } else {
            for (size_t k = 0; k < sizeof others / sizeof *others; k++)
                if (!strcmp(base, others[k].name))
                    met(run, OTHER, inner, path, others[k].why, hash_file(hash_start, path));
        }
    }
    if (pair)
        met(run, PAIR, name, arena_printf(&a, "%s/serializer-snapshot", dir), arena_printf(&a, "%s/test-data", dir), hash);
    if (savepoint)
        met(run, SAVEPOINT, name, dir, NULL, hash);
    arena_free(&a);
    names_free(&names);
}

static void row(const char *what, const struct tally *t)
{
    unsigned all = tally_all(t);
    printf("%-44s %6u %6u %6u %6u %7u", what, all, t->n[EXACT], t->n[OPAQUE], t->n[FAILED], t->n[APART]);
    if (all)
        printf("  %6.2f%%", 100.0 * t->n[EXACT] / all);
    putchar('\n');
}

static void print_kind(const struct run *run, enum verdict v, const char *title)
{
    bool first = true;
    for (size_t i = 0; i < run->n; i++) {
        const struct fixture *f = &run->all[i];
        if (f->judged.verdict != v)
            continue;
        if (first)
            printf("\n%s\n", title);
        first = false;
        printf("  %-9s %s\n            %s\n", shape_word[f->shape], f->name, f->judged.why);
    }
}

int main(int argc, char **argv)
{
    struct run run = {.verbose = argc == 4 && !strcmp(argv[1], "-v")};
    if (argc != 3 + run.verbose) {
        fprintf(stderr, "usage: conformance [-v] TREE TOLD\n");
        return 64;
    }
    const char *tree = argv[argc - 2];
    struct err e = {0};
    if (!judge_told(argv[argc - 1], &run.arena, &e)) {
        fprintf(stderr, "conformance: %s\n", e.text);
        return 2;
    }
    struct names jars = list(tree);
    printf("%-44s %6s %6s %6s %6s %7s\n", "jar", "all", "exact", "opaque", "failed", "(apart)");
    for (size_t i = 0; i < jars.n; i++) {
        char *dir = arena_printf(&run.arena, "%s/%s", tree, jars.p[i]);
        run.jar = (struct tally){0};
        walk(&run, dir, "");
        if (tally_all(&run.jar) + run.jar.n[APART])
            row(jars.p[i], &run.jar);
    }
    struct tally total = {0};
    printf("\n%-44s %6s %6s %6s %6s %7s\n", "each once", "all", "exact", "opaque", "failed", "(apart)");
    for (int s = 0; s < SHAPES; s++) {
        row(shape_word[s], &run.shapes[s]);
        for (int v = 0; v < 4; v++)
            total.n[v] += run.shapes[s].n[v];
    }
    row("total", &total);
    print_kind(&run, APART, "Not counted:");
    print_kind(&run, OPAQUE, "Opaque:");
    print_kind(&run, FAILED, "Failed:");

    unsigned all = tally_all(&total);
    bool good = all && (uint64_t)total.n[EXACT] * 100 >= (uint64_t)all * GOAL;
    printf("\n%u of %u exact, goal %d%%: %s\n", total.n[EXACT], all, GOAL, good ? "reached" : "missed");
    names_free(&jars);
    free(run.all);
    arena_free(&run.arena);
    return good ? 0 : 1;
}
