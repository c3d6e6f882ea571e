/* Keyed state against a plain array, under many random insertions and removals; rows that are kept; the pool of entries, which no sanitizer
 * replaces here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/kstate.h"
#define WATCHED 0
#include "runtime/pool.c"

static uint64_t next(uint64_t *x)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

enum { KEYS = 300 };

static unsigned released;

static void release(void *value)
{
    (void)value;
    released++;
}

/* A key of a text and a number; one in seven is NULL. */
static void key_of(unsigned i, union cell *v, uint8_t *null, char *text)
{
    int n = snprintf(text, 32, "key %u", i / 2);
    v[0].s = (struct bytes){(const uint8_t *)text, (size_t)n};
    v[1].i = i;
    null[0] = i % 7 == 0;
    null[1] = 0;
}

static void random_operations(void **state)
{
    struct arena a = {0};
    const struct ltype *types[] = {type_length(&a, L_VARCHAR, 100, true), type_simple(&a, L_BIGINT, false)};
    struct kstate k;
    bool there[KEYS] = {false};
    int64_t value[KEYS] = {0};
    uint64_t x = 42;
    unsigned count = 0, removed = 0;
    (void)state;
    kstate_init(&k, types, 2, sizeof(int64_t), release);
    for (unsigned step = 0; step < 60000; step++) {
        unsigned i = (unsigned)(next(&x) % KEYS);
        union cell key[2];
        uint8_t null[2];
        char text[32];
        key_of(i, key, null, text);
        if (next(&x) % 100 < (step / 10000 % 2 ? 30 : 60)) {
            bool fresh;
            struct kentry *e = kstate_at(&k, key, null, &fresh);
            assert_int_equal(fresh, !there[i]);
            assert_int_equal(*(int64_t *)e->value, fresh ? 0 : value[i]);
            *(int64_t *)e->value = value[i] = (int64_t)step;
            count += fresh;
            there[i] = true;
        } else {
            struct kentry *e = kstate_find(&k, key, null);
            assert_int_equal(e != NULL, there[i]);
            if (e) {
                assert_int_equal(*(int64_t *)e->value, value[i]);
                kstate_remove(&k, e);
                count--;
                removed++;
            }
            there[i] = false;
        }
        assert_int_equal(k.n, count);
        assert_int_equal(released, removed);
    }
    unsigned walked = 0;
    for (struct kentry *e = k.first; e; e = e->next, walked++)
        assert_true(there[e->key->v[1].i]);
    assert_int_equal(walked, count);
    kstate_clear(&k);
    assert_int_equal(released, removed + count);
    arena_free(&a);
}

/* Pieces do not overlap, keep what is in them, and come back. */
static void pieces(void **state)
{
    enum { PIECES = 2000 };
    static uint8_t *piece[PIECES];
    static size_t size[PIECES];
    struct pool p = {0};
    uint64_t x = 7;
    (void)state;
    for (unsigned step = 0; step < 200000; step++) {
        unsigned i = (unsigned)(next(&x) % PIECES);
        size_t n = (size_t)(next(&x) % (step % 100 ? 300 : 3000)) + 1;
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal(piece[i][k], (uint8_t)i);
        if (piece[i] && next(&x) % 3) {
            pool_free(&p, piece[i], size[i]);
            piece[i] = NULL;
            size[i] = 0;
            continue;
        }
        if (n > size[i]) {
            piece[i] = pool_grow(&p, piece[i], size[i], n);
            memset(piece[i], (uint8_t)i, size[i] = n);
        }
        assert_int_equal((uintptr_t)piece[i] & 15, 0);
    }
    assert_true(p.size < 2 << 20); /* what has come back is handed out again */
    pool_clear(&p);
    assert_null(p.chunks);
}

/* At once, and by pages of any size. */
static void pages(void **state)
{
    (void)state;
    for (size_t n = 1 << 10; n <= 8 << 20; n = n * 2 + 16) {
        uint8_t *p = pages_alloc(n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 1, n);
        pages_free(p, n);
    }
}

static void release_of(void *owner, void *value)
{
    pool_free(owner, *(void **)value, 100);
    released++;
}

/* What values hold is released with an entry, and goes with the pool otherwise. */
static void owned(void **state)
{
    struct arena a = {0};
    const struct ltype *types[] = {type_simple(&a, L_BIGINT, false)};
    struct pool p = {0};
    struct kstate k;
    (void)state;
    released = 0;
    kstate_init(&k, types, 1, sizeof(void *), NULL);
    kstate_owned(&k, &p, release_of);
    for (int64_t i = 0; i < 500; i++) {
        bool fresh = false;
        struct kentry *e = kstate_at(&k, &(union cell){.i = i}, &(uint8_t){0}, &fresh);
        *(void **)e->value = pool_alloc(&p, 100);
        if (i % 5 == 0)
            kstate_remove(&k, e);
    }
    assert_int_equal(released, 100);
    kstate_clear(&k);
    pool_clear(&p);
    arena_free(&a);
}

/* What is told ahead is looked for by the hash that its entry has, and is not made. */
static void told_ahead(void **state)
{
    struct arena a = {0};
    const struct ltype *types[] = {type_simple(&a, L_BIGINT, true)};
    struct kstate k;
    struct kstate_soon soon = {0};
    (void)state;
    kstate_init(&k, types, 1, 8, NULL);
    for (int64_t i = 0; i < 5000; i++) {
        bool fresh;
        uint8_t null = i == 77;
        union cell key = {.i = i}, later = {.i = i + KSTATE_SOON};
        kstate_soon(&k, &soon, &later, &(uint8_t){0});
        uint64_t hash = kstate_soon(&k, i % 2 ? &soon : NULL, &key, &null);
        assert_int_equal((uint32_t)hash, kstate_at(&k, &key, &null, &fresh)->hash);
        assert_true(fresh);
        assert_int_equal(k.n, i + 1);
    }
    for (uint32_t i = 0, next = 0; i < 100; i++)
        for (uint32_t row = kstate_soon_from(i); row < i + KSTATE_SOON; row++)
            assert_int_equal(row, next++); /* each row once */
    kstate_clear(&k);
    arena_free(&a);
}

/* In the order in which keys came, whatever their hashes. */
static void in_order(void **state)
{
    struct arena a = {0};
    const struct ltype *types[] = {type_simple(&a, L_BIGINT, false)};
    struct kstate k;
    (void)state;
    kstate_init(&k, types, 1, 1, NULL);
    for (int64_t i = 0; i < 1000; i++) {
        bool fresh;
        uint8_t null = 0;
        kstate_at(&k, &(union cell){.i = i * 7919 % 1000}, &null, &fresh);
    }
    int64_t i = 0;
    for (struct kentry *e = k.first; e; e = e->next, i++)
        assert_int_equal(e->key->v[0].i, i * 7919 % 1000);
    assert_int_equal(i, 1000);
    kstate_clear(&k);
    arena_free(&a);
}

/* Everything a row points to is its own. */
static void kept_rows(void **state)
{
    struct arena a = {0};
    struct scratch heap = {0};
    const struct ltype *text = type_length(&a, L_VARCHAR, TYPE_MAX_LENGTH, true);
    const struct ltype *types[] = {text, type_of_kids(&a, L_MAP, text, type_of_kids(&a, L_ARRAY, text, NULL, true), true)};
    union cell *entry, *list, v[2];
    uint8_t *entry_null, *list_null, null[2] = {0, 0};
    char bytes[] = "abcdef";
    (void)state;
    v[0].s = (struct bytes){(uint8_t *)bytes, 3};
    v[1].q = seq_new(&heap, 1, 2, &entry, &entry_null);
    entry[0].s = (struct bytes){(uint8_t *)bytes + 3, 2};
    entry[1].q = seq_new(&heap, 2, 2, &list, &list_null);
    list[0].s = (struct bytes){(uint8_t *)bytes + 5, 1};
    list_null[1] = 1;
    struct row *r = row_make(types, 2, v, null), *same = row_make(types, 2, v, null);
    memset(bytes, '#', sizeof bytes);
    scratch_reset(&heap);
    assert_memory_equal(r->v[0].s.p, "abc", 3);
    assert_memory_equal(r->v[1].q->v[0].s.p, "de", 2);
    assert_memory_equal(r->v[1].q->v[1].q->v[0].s.p, "f", 1);
    assert_int_equal(r->v[1].q->v[1].q->null[1], 1);
    assert_true(row_same(types, r, same));
    struct pool p = {0};
    struct row *pooled = row_into(&p, types, same); /* which is released */
    assert_true(pooled->size > 0);
    assert_ptr_equal(row_into(&p, types, pooled), pooled);
    assert_true(row_same(types, r, pooled));
    row_drop(&p, pooled);
    row_drop(&p, r);
    row_drop(&p, NULL);
    pool_clear(&p);
    scratch_free(&heap);
    arena_free(&a);
}

static struct kentry *at(struct kstate *k, int64_t key, bool *fresh)
{
    uint8_t null = 0;
    return kstate_at(k, &(union cell){.i = key}, &null, fresh);
}

/* What is not written again goes, is not found meanwhile, and takes no memory for long. */
static void expiry(void **state)
{
    struct arena a = {0};
    const struct ltype *types[] = {type_simple(&a, L_BIGINT, false)};
    struct ttl ttl = {.ms = 100};
    struct kstate k;
    bool fresh;
    uint8_t null = 0;
    uint32_t most = 0;
    (void)state;
    released = 0;
    kstate_init(&k, types, 1, 3, release); /* its size is no multiple of eight */
    kstate_expires(&k, &ttl);
    memcpy(at(&k, 1, &fresh)->value, "abc", 3);
    ttl.now = 99;
    assert_memory_equal(at(&k, 1, &fresh)->value, "abc", 3); /* looked at, but not written */
    assert_false(fresh);
    ttl.now = 100;
    assert_null(kstate_find(&k, &(union cell){.i = 1}, &null));
    assert_memory_equal(at(&k, 1, &fresh)->value, "\0\0\0", 3);
    assert_true(fresh);
    assert_int_equal(released, 1);
    for (int64_t i = 2; i < 10000; i++) {
        ttl.now++;
        at(&k, i, &fresh);
        assert_true(fresh);
        kstate_write(&k, at(&k, 0, &fresh));
        most = k.n > most ? k.n : most;
    }
    assert_true(most < 250);
    assert_false(fresh);
    ttl.now += 99;
    kstate_purge(&k);
    assert_int_equal(k.n, 2); /* the last one, and 0 */
    kstate_write(&k, at(&k, 0, &fresh));
    for (int64_t i = 0; i <= 5; i += 5) { /* an older time does not count, but for what is fresh */
        struct kentry *e = at(&k, i, &fresh);
        assert_int_equal(fresh, i == 5);
        kstate_came(&k, e, fresh, ttl.now - 99);
    }
    ttl.now++;
    assert_non_null(kstate_find(&k, &(union cell){.i = 0}, &null));
    assert_null(kstate_find(&k, &(union cell){.i = 5}, &null));
    kstate_clear(&k);
    /* time to live is no reason to overflow, nor is a time of nobody's */
    ttl = (struct ttl){.ms = INT64_MAX, .now = INT64_MAX};
    assert_true(ttl_over(&ttl, INT64_MIN) && ttl_over(&ttl, 0) && !ttl_over(&ttl, 1) && !ttl_over(&ttl, INT64_MAX));
    ttl.ms = 0;
    assert_false(ttl_over(&ttl, INT64_MIN));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations), cmocka_unit_test(pieces),   cmocka_unit_test(pages),     cmocka_unit_test(owned),
        cmocka_unit_test(told_ahead),        cmocka_unit_test(in_order), cmocka_unit_test(kept_rows), cmocka_unit_test(expiry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
