/* A database that is written, against a plain array: what it gives back, what its checkpoints hold, and what of an entry is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "runtime/cold_items.h"

enum { KEYS = 200, VALUE = 24 };

static const struct rocks_family families[] = {
    {.name = "values", .lookup = ROCKS_BY_KEY}, {.name = "maps", .lookup = ROCKS_BY_PREFIX}, {.name = "_timer_state/x"}};
enum { FAMILIES = 3, OWNERS = 20 };

struct model {
    bool there[FAMILIES][KEYS];
    char value[FAMILIES][KEYS][VALUE];
};

static uint64_t next(uint64_t *x)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

static void fine(bool ok, const struct err *e)
{
    if (!ok)
        fail_msg("%s", e->text);
}

/* A key group of two bytes, a key that says its length, and what lies under it: ten of them under a key. */
static struct bytes key_of(unsigned i, char *to)
{
    unsigned owner = i % OWNERS;
    int n = snprintf(to + 6, 40, "key%.*s%u", (int)(owner % 3), "xx", owner);
    to[0] = 0;
    to[1] = (char)(owner / 2);
    memcpy(to + 2, "\0\0\0", 3);
    to[5] = (char)n;
    to[6 + n] = 0;
    to[7 + n] = (char)(i / OWNERS);
    return (struct bytes){(const uint8_t *)to, (size_t)n + 8};
}

static struct bytes text(const char *s) { return (struct bytes){(const uint8_t *)s, strlen(s)}; }

struct seen {
    const struct model *m;
    unsigned family, owner, n;
    bool all;
    struct buf last;
};

static bool see(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct seen *s = ctx;
    char want[64];
    unsigned i = 0;
    for (; i < KEYS; i++) {
        struct bytes k = key_of(i, want);
        if (k.n == key.n && !memcmp(k.p, key.p, k.n))
            break;
    }
    if (i >= KEYS)
        return err_set(e, ERR_CORRUPT, "a key that nobody has put");
    assert_true(s->m->there[s->family][i] && (s->all || i % OWNERS == s->owner));
    assert_int_equal(value.n, strlen(s->m->value[s->family][i]));
    assert_memory_equal(value.p, s->m->value[s->family][i], value.n);
    s->n++;
    return true;
}

static void same(struct rocks_kv *d, const struct model *m)
{
    struct err e = {0};
    for (unsigned f = 0; f < FAMILIES; f++) {
        unsigned n = 0;
        for (unsigned i = 0; i < KEYS; i++)
            n += m->there[f][i];
        struct seen s = {.m = m, .family = f, .all = true};
        fine(rocks_kv_walk(d, f, (struct bytes){0}, see, &s, &e), &e);
        assert_int_equal(s.n, n);
    }
    for (unsigned owner = 0; owner < OWNERS; owner++) { /* all that lies under a key */
        struct seen s = {.m = m, .family = 1, .owner = owner};
        char key[64];
        unsigned n = 0;
        struct bytes prefix = key_of(owner, key);
        prefix.n -= 2;
        for (unsigned i = owner; i < KEYS; i += OWNERS)
            n += m->there[1][i];
        fine(rocks_kv_walk(d, 1, prefix, see, &s, &e), &e);
        assert_int_equal(s.n, n);
    }
    for (unsigned i = 0; i < KEYS; i++) {
        struct buf b = {0};
        char key[64];
        bool found;
        buf_putc(&b, '!');
        fine(rocks_kv_get(d, 0, key_of(i, key), &b, &found, &e), &e);
        assert_int_equal(found, m->there[0][i]);
        assert_int_equal(b.n, 1 + (found ? strlen(m->value[0][i]) : 0));
        if (found)
            assert_memory_equal(b.p + 1, m->value[0][i], b.n - 1);
        buf_free(&b);
    }
}

static void change(struct rocks_kv *d, struct model *m, uint64_t *x, unsigned steps)
{
    struct err e = {0};
    for (unsigned step = 0; step < steps; step++) {
        unsigned f = (unsigned)(next(x) % FAMILIES), i = (unsigned)(next(x) % KEYS);
        char key[64];
        if ((m->there[f][i] = next(x) % 3)) {
            snprintf(m->value[f][i], VALUE, "%llu", (unsigned long long)next(x));
            rocks_kv_put(d, f, key_of(i, key), text(m->value[f][i]));
        } else {
            rocks_kv_delete(d, f, key_of(i, key));
        }
    }
    fine(rocks_kv_write(d, &e), &e);
}

static void keeps_what_it_is_given(void **state)
{
    struct err e = {0};
    struct model m = {0};
    uint64_t x = 1;
    char *dir = temp_dir(&e), path[2][4096];
    (void)state;
    assert_non_null(dir);
    snprintf(path[0], sizeof path[0], "%s/db", dir);
    struct rocks_kv *d = rocks_kv_open(path[0], 2, families, FAMILIES, &e);
    fine(d, &e);
    for (unsigned round = 0; round < 6; round++) {
        change(d, &m, &x, 200);
        same(d, &m);
        snprintf(path[1], sizeof path[1], "%s/chk-%u", dir, round);
        fine(rocks_kv_checkpoint(d, path[1], &e), &e);
        struct model then = m;
        change(d, &m, &x, 50); /* which the checkpoint does not see */
        struct rocks_kv *other = rocks_kv_open(path[1], 2, families, FAMILIES, &e);
        fine(other, &e);
        same(other, &then);
        rocks_kv_close(other);
        same(d, &m);
    }
    rocks_kv_close(d);
    temp_remove(dir);
}

/* With families that nobody asks for, and without those that are asked for. */
static void opens_what_others_made(void **state)
{
    static const struct rocks_family other[] = {{.name = "elsewhere", .lookup = ROCKS_BY_KEY},
                                                {.name = "values", .lookup = ROCKS_BY_KEY}};
    struct err e = {0};
    char *dir = temp_dir(&e);
    struct buf b = {0};
    bool found;
    (void)state;
    assert_non_null(dir);
    struct rocks_kv *d = rocks_kv_open(dir, 1, other, 2, &e);
    fine(d, &e);
    rocks_kv_put(d, 1, text("a"), text("b"));
    char path[4096];
    snprintf(path, sizeof path, "%s/chk", dir);
    fine(rocks_kv_checkpoint(d, path, &e), &e);
    rocks_kv_close(d);
    d = rocks_kv_open(path, 1, families, FAMILIES, &e);
    fine(d, &e);
    fine(rocks_kv_get(d, 0, text("a"), &b, &found, &e), &e);
    assert_true(found && b.n == 1 && *b.p == 'b');
    buf_free(&b);
    rocks_kv_close(d);
    temp_remove(dir);
}

static bool begins_with_x(const void *ctx, struct bytes value)
{
    (void)ctx;
    return value.n && *value.p == 'x';
}

static bool count(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    (void)key, (void)value, (void)e;
    ++*(unsigned *)ctx;
    return true;
}

/* What nobody needs goes when tables are merged, which they are by and by. */
static void leaves_out_what_is_gone(void **state)
{
    static const struct rocks_family own[] = {{.name = "values", .lookup = ROCKS_BY_KEY, .gone = begins_with_x}};
    struct err e = {0};
    char *dir = temp_dir(&e), path[2][4096];
    unsigned n = 0;
    (void)state;
    assert_non_null(dir);
    snprintf(path[0], sizeof path[0], "%s/db", dir);
    struct rocks_kv *d = rocks_kv_open(path[0], 1, own, 1, &e);
    fine(d, &e);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 10; i++) {
            char key[16];
            snprintf(key, sizeof key, "%u", i);
            rocks_kv_put(d, 0, text(key), text(i % 2 ? "xyz" : "abc"));
        }
        snprintf(path[1], sizeof path[1], "%s/chk-%u", dir, round);
        fine(rocks_kv_checkpoint(d, path[1], &e), &e);
    }
    for (int tries = 0; tries < 600 && n != 5; tries++) {
        usleep(50000);
        n = 0;
        fine(rocks_kv_walk(d, 0, (struct bytes){0}, count, &n, &e), &e);
    }
    assert_int_equal(n, 5);
    rocks_kv_close(d);
    temp_remove(dir);
}

/* Of the directory's files, one that is not there. */
static void says_what_is_wrong(void **state)
{
    struct err e = {0};
    char *dir = temp_dir(&e), path[4096];
    (void)state;
    assert_non_null(dir);
    snprintf(path, sizeof path, "%s/CURRENT", dir);
    FILE *f = fopen(path, "w");
    fputs("MANIFEST-000007\n", f);
    fclose(f);
    assert_null(rocks_kv_open(dir, 1, families, FAMILIES, &e));
    assert_int_not_equal(e.kind, ERR_NONE);
    assert_non_null(strstr(e.text, dir));
    temp_remove(dir);
}

/* What differs is written, nothing else. */
static void writes_what_differs(void **state)
{
    struct err e = {0};
    struct model m = {0};
    struct cold_items items = {0};
    struct kept *before = NULL;
    uint64_t x = 7;
    char *dir = temp_dir(&e);
    (void)state;
    assert_non_null(dir);
    struct rocks_kv *d = rocks_kv_open(dir, 2, families, FAMILIES, &e);
    fine(d, &e);
    for (unsigned round = 0; round < 40; round++) {
        struct model now = {0};
        items_clear(&items);
        for (unsigned step = 0; step < 150; step++) {
            unsigned f = (unsigned)(next(&x) % FAMILIES), i = (unsigned)(next(&x) % KEYS);
            char key[64];
            if (now.there[f][i])
                continue;
            now.there[f][i] = true;
            if (m.there[f][i] && next(&x) % 2)
                memcpy(now.value[f][i], m.value[f][i], VALUE);
            else
                snprintf(now.value[f][i], VALUE, "%llu", (unsigned long long)next(&x));
            items_add(&items, f, key_of(i, key), text(""));
            items_grow(&items, text(now.value[f][i]));
        }
        items_sort(&items);
        items_write(&items, before, d);
        fine(rocks_kv_write(d, &e), &e);
        free(before);
        before = items_keep(&items);
        m = now;
        same(d, &m);
        items_write(&items, before, d); /* nothing differs */
        assert_int_equal(rocks_kv_gathered(d), 0);
    }
    items_clear(&items);
    items_write(&items, before, d);
    fine(rocks_kv_write(d, &e), &e);
    m = (struct model){0};
    same(d, &m);
    free(before);
    items_free(&items);
    rocks_kv_close(d);
    temp_remove(dir);
}

/* Of those that are the same, one; in the order of keys. */
static void sorts(void **state)
{
    struct cold_items i = {0};
    (void)state;
    items_add(&i, 1, text("b"), text("x"));
    items_add(&i, 0, text("c"), text("x"));
    items_add(&i, 1, text("a"), text("x"));
    items_add(&i, 1, text("b"), text("x"));
    items_add(&i, 1, text("ab"), text("x"));
    items_sort(&i);
    assert_int_equal(i.n, 4);
    static const char *const want[] = {"c", "a", "ab", "b"};
    for (unsigned k = 0; k < 4; k++) {
        struct bytes key = item_key(&i.v[k], i.bytes.p);
        assert_int_equal(key.n, strlen(want[k]));
        assert_memory_equal(key.p, want[k], key.n);
    }
    items_free(&i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_it_is_given),  cmocka_unit_test(opens_what_others_made), cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(leaves_out_what_is_gone), cmocka_unit_test(writes_what_differs),    cmocka_unit_test(sorts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
