#include "jar/jar.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "jar/archive.h"

enum { ARCHIVES_MAX = 4096, JAVA_RELEASE = 17, MANIFEST_MAX = 1 << 20 };
#define NESTED_MAX (1ull << 30) /* bytes of jars within jars, all together */

/* Where a class lies. */
struct place {
    const char *name;       /* "a/b/C$D" */
    uint32_t archive, rank; /* rank: the lower goes before the higher */
    uint64_t index;
};

struct known {
    const char *name;
    const struct class_file *c; /* NULL: it cannot be read */
    const char *why;
};

struct jar {
    struct archive **archives;
    uint32_t n_archives;
    struct place *places; /* by name, one each */
    size_t n;
    uint64_t nested;     /* bytes so far */
    struct known *known; /* a hash table of 2^bits */
    unsigned bits;
    size_t n_known;
    pthread_mutex_t lock; /* of known, the archives and the arena */
    struct arena arena;
};

static bool ends(const char *s, const char *with)
{
    size_t n = strlen(s), m = strlen(with);
    return n >= m && !memcmp(s + n - m, with, m);
}

static int by_name(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->rank > y->rank) - (x->rank < y->rank);
}

/* --- opening --- */

/* "META-INF/versions/11/a/b/C.class": the release, and the name behind it. */
static unsigned release(const char **name)
{
    static const char head[] = "META-INF/versions/";
    if (strncmp(*name, head, sizeof head - 1) != 0)
        return 0;
    char *end;
    unsigned long n = strtoul(*name + sizeof head - 1, &end, 10);
    if (*end != '/' || n < 9 || n > JAVA_RELEASE)
        return 0;
    *name = end + 1;
    return (unsigned)n;
}

/* The manifest's line "Multi-Release: true". */
static bool is_multi_release(struct archive *z)
{
    struct buf text = {0};
    struct err quiet = {0};
    bool found = false;
    for (uint64_t i = 0, n = archive_count(z); i < n && !found; i++) {
        const char *name = archive_name(z, i);
        if (!name || strcmp(name, "META-INF/MANIFEST.MF") != 0)
            continue;
        found = archive_read(z, i, MANIFEST_MAX, &text, &quiet) && strcasestr(buf_cstr(&text), "Multi-Release: true");
        break;
    }
    buf_free(&text);
    return found;
}

static bool add_place(struct jar *j, const char *name, size_t n, uint64_t index, unsigned of_release, struct err *e)
{
    if (j->n == ARCHIVE_NAMES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d classes", ARCHIVE_NAMES_MAX);
    if (!(j->n & (j->n - 1)))
        j->places = mem_grow(j->places, j->n ? 2 * j->n : 1, sizeof *j->places);
    uint32_t archive = j->n_archives - 1;
    j->places[j->n++] =
        (struct place){arena_strn(&j->arena, name, n), archive, archive * (JAVA_RELEASE + 1) + JAVA_RELEASE - of_release, index};
    return true;
}

static bool add_archive(struct jar *j, struct archive *z, bool nested, struct err *e);

/* A jar in a jar's lib/, or in a directory. */
static bool add_inner(struct jar *j, struct archive *z, uint64_t i, struct err *e)
{
    struct buf bytes = {0};
    const char *name = arena_printf(&j->arena, "%s!/%s", archive_path(z), archive_name(z, i));
    struct archive *inner = NULL;
    bool ok = archive_read(z, i, ARCHIVE_FILE_MAX, &bytes, e);
    j->nested += bytes.n;
    if (ok && j->nested > NESTED_MAX)
        ok = err_set(e, ERR_LIMIT, "%s: jars within jars take more than 1 GiB", archive_path(z));
    if (ok)
        inner = archive_open_bytes(&bytes, name, e);
    buf_free(&bytes);
    return inner && add_archive(j, inner, true, e);
}

/* Takes z over. */
static bool add_archive(struct jar *j, struct archive *z, bool nested, struct err *e)
{
    if (j->n_archives == ARCHIVES_MAX) {
        archive_close(z);
        return err_set(e, ERR_LIMIT, "more than %d jars", ARCHIVES_MAX);
    }
    if (!(j->n_archives & (j->n_archives - 1)))
        j->archives = mem_grow(j->archives, j->n_archives ? 2 * (size_t)j->n_archives : 1, sizeof *j->archives);
    j->archives[j->n_archives++] = z;
    uint64_t n = archive_count(z);
    bool releases = !archive_is_directory(z) && is_multi_release(z), ok = true;
    for (uint64_t i = 0; i < n && ok; i++) {
        const char *name = archive_name(z, i);
        if (!name || !ends(name, ".class"))
            continue;
        unsigned of = releases ? release(&name) : 0;
        ok = add_place(j, name, strlen(name) - strlen(".class"), i, of, e);
    }
    for (uint64_t i = 0; i < n && ok && !nested; i++) {
        const char *name = archive_name(z, i);
        bool lib = name && ends(name, ".jar") && (archive_is_directory(z) || !strncmp(name, "lib/", 4));
        ok = !lib || add_inner(j, z, i, e);
    }
    return ok;
}

static void sort_places(struct jar *j)
{
    size_t to = 0;
    if (j->n)
        qsort(j->places, j->n, sizeof *j->places, by_name);
    for (size_t i = 0; i < j->n; i++)
        if (!to || strcmp(j->places[i].name, j->places[to - 1].name) != 0)
            j->places[to++] = j->places[i];
    j->n = to;
}

struct jar *jar_open(const char *const *paths, size_t n, struct err *e)
{
    struct jar *j = mem_zalloc(sizeof *j);
    pthread_mutex_init(&j->lock, NULL);
    j->bits = 8;
    j->known = mem_zalloc(sizeof *j->known << j->bits);
    for (size_t i = 0; i < n; i++) {
        struct archive *z = archive_open(paths[i], e);
        size_t before = j->n;
        if (!z || !add_archive(j, z, false, e)) {
            jar_close(j);
            return NULL;
        }
        if (j->n == before) {
            err_set(e, ERR_MISSING, "%s: no class in it", paths[i]);
            jar_close(j);
            return NULL;
        }
    }
    sort_places(j);
    return j;
}

void jar_close(struct jar *j)
{
    if (!j)
        return;
    for (uint32_t i = 0; i < j->n_archives; i++)
        archive_close(j->archives[i]);
    free(j->archives);
    free(j->places);
    free(j->known);
    arena_free(&j->arena);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

/* --- asking --- */

/* "a.b.C" against "a/b/C". */
static int compare_name(const char *dotted, const char *slashed)
{
    for (; *dotted; dotted++, slashed++) {
        char c = *dotted == '.' ? '/' : *dotted;
        if (c != *slashed)
            return (unsigned char)c < (unsigned char)*slashed ? -1 : 1;
    }
    return *slashed ? -1 : 0;
}

static int name_against(const void *key, const void *place) { return compare_name(key, ((const struct place *)place)->name); }

static const struct place *place_of(const struct jar *j, const char *name)
{
    return j->n ? bsearch(name, j->places, j->n, sizeof *j->places, name_against) : NULL;
}

bool jar_has(const struct jar *j, const char *name) { return place_of(j, name); }

size_t jar_classes(const struct jar *j) { return j->n; }

const char *jar_class_name(const struct jar *j, size_t i, struct arena *a)
{
    char *name = arena_str(a, j->places[i].name);
    for (char *p = name; *p; p++)
        *p = *p == '/' ? '.' : *p;
    return name;
}

bool jar_class_bytes(struct jar *j, size_t i, struct buf *to, struct err *e)
{
    const struct place *p = &j->places[i];
    pthread_mutex_lock(&j->lock);
    bool ok = archive_read(j->archives[p->archive], p->index, CLASS_FILE_MAX, to, e);
    pthread_mutex_unlock(&j->lock);
    return ok;
}

static size_t slot_of(const struct jar *j, const char *name)
{
    uint64_t h = 1469598103934665603ull;
    for (const char *p = name; *p; p++)
        h = (h ^ (uint8_t)*p) * 1099511628211ull;
    size_t mask = ((size_t)1 << j->bits) - 1, i = (size_t)(h ^ h >> 32) & mask;
    while (j->known[i].name && strcmp(j->known[i].name, name) != 0)
        i = (i + 1) & mask;
    return i;
}

static void more_room(struct jar *j)
{
    struct known *old = j->known;
    size_t n = (size_t)1 << j->bits++;
    j->known = mem_zalloc(sizeof *j->known << j->bits);
    for (size_t i = 0; i < n; i++)
        if (old[i].name)
            j->known[slot_of(j, old[i].name)] = old[i];
    free(old);
}

static struct known read_class(struct jar *j, const char *name, const struct place *p)
{
    struct known k = {.name = arena_str(&j->arena, name)};
    struct class_file *c = arena_alloc(&j->arena, sizeof *c);
    struct archive *z = j->archives[p->archive];
    struct buf bytes = {0};
    struct err e = {0};
    if (archive_read(z, p->index, CLASS_FILE_MAX, &bytes, &e) &&
        (class_file_read(c, (struct bytes){bytes.p, bytes.n}, NULL, &j->arena, &e) ||
         err_in(&e, "%s: %s.class", archive_path(z), p->name)) &&
        (!strcmp(c->name, name) || err_set(&e, ERR_CORRUPT, "%s: %s.class is the class %s", archive_path(z), p->name, c->name)))
        k.c = c;
    else
        k.why = arena_str(&j->arena, e.text);
    buf_free(&bytes);
    return k;
}

const struct class_file *jar_class(struct jar *j, const char *name, const char **why)
{
    const struct place *p = place_of(j, name);
    *why = NULL;
    if (!p)
        return NULL;
    pthread_mutex_lock(&j->lock);
    size_t i = slot_of(j, name);
    if (!j->known[i].name) {
        struct known k = read_class(j, name, p);
        if (2 * ++j->n_known > (size_t)1 << j->bits)
            more_room(j);
        i = slot_of(j, name);
        j->known[i] = k;
    }
    struct known k = j->known[i];
    pthread_mutex_unlock(&j->lock);
    *why = k.why;
    return k.c;
}

bool jar_is_provided(const char *name)
{
    static const char *const heads[] = {"java.",
                                        "javax.",
                                        "jdk.",
                                        "sun.",
                                        "com.sun.",
                                        "org.w3c.dom.",
                                        "org.xml.sax.",
                                        "org.ietf.jgss.",
                                        "org.apache.flink.",
                                        "scala.",
                                        "com.esotericsoftware.",
                                        "com.twitter.chill."};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!strncmp(name, heads[i], strlen(heads[i])))
            return true;
    return !strchr(name, '.') && strchr("ZBCSIJFD", *name) && !name[1]; /* of an array */
}
