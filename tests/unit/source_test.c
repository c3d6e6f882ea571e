#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/snappy_frame.h"
#include "savepoint/source.h"

/* A store that cannot be mapped: bytes in memory, with a count of what was read, and a byte whose reading fails. */
struct fake {
    const uint8_t *p;
    uint64_t bad, got;
};

static bool fake_read(struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    struct fake *k = f->own;
    if (k->bad && off + n > k->bad)
        return err_set(e, ERR_SERVER, "%s: the server is away", f->location);
    memcpy(to, k->p + off, n);
    k->got += n;
    return true;
}

static void fake_close(struct store_file *f) { (void)f; }

static const struct store_ops fake_ops = {.read = fake_read, .close = fake_close};

static struct store_file fake_file(struct fake *k, size_t n)
{
    return (struct store_file){.ops = &fake_ops, .location = mem_strdup("fake"), .size = n, .own = k};
}

enum { BIG = 5 * 1000 * 1000 + 7 };

static uint8_t *pattern(size_t n)
{
    uint8_t *p = mem_alloc(n);
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++) { /* runs of repeated text between noise, so that Snappy finds something */
        x = x * 1103515245 + 12345;
        p[i] = i / 1000 % 3 ? (uint8_t)(x >> 24) : (uint8_t)(i % 50);
    }
    return p;
}

/* Walks s in steps of many sizes and compares with what is expected; the end must come exactly there. */
static void walk(struct source *s, const uint8_t *want, size_t n, size_t max_step)
{
    uint64_t start = source_pos(s);
    size_t at = 0, step = 1;
    while (at < n) {
        size_t k = step < n - at ? step : n - at;
        assert_true(source_need(s, k));
        assert_true(source_have(s) >= k);
        assert_int_equal(source_pos(s) - start, at);
        assert_memory_equal(s->p, want + at, k);
        s->p += k;
        at += k;
        step = (step * 7 + 3) % max_step + 1;
    }
    assert_false(source_need(s, 1));
    assert_int_equal(s->e->kind, ERR_NONE);
}

static void windows_over_a_store_that_reads(void **state)
{
    (void)state;
    uint8_t *p = pattern(BIG);
    static const struct {
        uint64_t off, len;
        size_t step;
    } t[] = {
        {0, BIG, 97}, {0, BIG, 70001}, {0, BIG, 1500000}, {12345, 777777, 300007}, {BIG, 0, 5}, {BIG - 1, 1, 5}, {0, 0, 1},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct err e = {0};
        struct fake k = {.p = p};
        struct store_file f = fake_file(&k, BIG);
        struct source s;
        source_file(&s, &f, t[i].off, t[i].len, &e);
        assert_int_equal(source_pos(&s), t[i].off);
        walk(&s, p + t[i].off, t[i].len, t[i].step);
        assert_int_equal(k.got, t[i].len);
        source_close(&s);
        store_close(&f);
    }
    free(p);
}

static void a_window_grows_only_as_bytes_arrive(void **state)
{
    (void)state;
    uint8_t *p = pattern(BIG);
    struct err e = {0};
    struct fake k = {.p = p};
    struct store_file f = fake_file(&k, BIG);
    struct source s;
    source_file(&s, &f, 10, 1000000, &e);
    assert_false(source_need(&s, (size_t)1 << 40)); /* a hostile length */
    assert_int_equal(e.kind, ERR_NONE);
    assert_int_equal(source_have(&s), 1000000);
    assert_true(s.cap < 2000000);
    source_close(&s);
    k.bad = 3000000;
    source_file(&s, &f, 0, BIG, &e);
    assert_false(source_need(&s, 4000000));
    assert_int_equal(e.kind, ERR_SERVER);
    assert_true(s.cap < 8000000);
    assert_false(source_need(&s, 4000000));
    assert_false(source_short(&s));
    assert_non_null(strstr(e.text, "away")); /* the first reason stays */
    source_close(&s);
    store_close(&f);
    free(p);
}

static void skips_without_reading(void **state)
{
    (void)state;
    uint8_t *p = pattern(BIG);
    struct err e = {0};
    struct fake k = {.p = p};
    struct store_file f = fake_file(&k, BIG);
    struct source s;
    source_file(&s, &f, 0, BIG, &e);
    assert_true(source_need(&s, 1));
    assert_true(source_skip(&s, 4000000));
    assert_int_equal(source_pos(&s), 4000000);
    assert_true(source_need(&s, 100));
    assert_memory_equal(s.p, p + 4000000, 100);
    assert_true(k.got < 1000000);
    assert_false(source_skip(&s, BIG));
    assert_false(source_need(&s, 1));
    assert_int_equal(source_pos(&s), BIG);
    assert_int_equal(e.kind, ERR_NONE);
    source_short(&s);
    assert_int_equal(e.kind, ERR_CORRUPT);
    assert_non_null(strstr(e.text, "fake: ends too early, at byte 5000007"));
    source_close(&s);
    store_close(&f);
    free(p);
}

static void windows_over_a_mapped_file(void **state)
{
    (void)state;
    enum { N = (40 << 20) + 11 };
    char path[] = "/tmp/weir-source-XXXXXX";
    uint8_t *p = pattern(N);
    int fd = mkstemp(path);
    assert_int_equal(write(fd, p, N), N);
    close(fd);
    struct err e = {0};
    struct store_file f;
    assert_true(store_open(&f, path, &e));
    assert_non_null(f.map);
    struct source s;
    source_file(&s, &f, 5, N - 5, &e);
    assert_true(source_need(&s, 1));
    const uint8_t *first = s.p;
    walk(&s, p + 5, N - 5, 3 << 20);
    assert_memory_equal(first, p + 5, 1 << 20); /* bytes that were given back come again */
    assert_null(s.own);
    source_close(&s);

    source_file(&s, &f, 0, N, &e);
    assert_false(source_need(&s, N + 1));
    assert_true(source_need(&s, N));
    assert_true(source_skip(&s, N - 3));
    assert_memory_equal(s.p, p + N - 3, 3);
    assert_false(source_skip(&s, 4));
    assert_int_equal(e.kind, ERR_NONE);
    source_close(&s);

    source_file(&s, &f, 10, N, &e);
    assert_int_equal(e.kind, ERR_CORRUPT);
    assert_false(source_need(&s, 1));
    source_close(&s);
    store_close(&f);
    unlink(path);
    free(p);
}

static void inline_bytes(void **state)
{
    (void)state;
    struct err e = {0};
    struct source s;
    source_bytes(&s, "hello", 5, "inline", 1000, &e);
    assert_int_equal(source_pos(&s), 1000);
    assert_true(source_need(&s, 5));
    assert_false(source_need(&s, 6));
    assert_true(source_skip(&s, 5));
    assert_int_equal(source_pos(&s), 1005);
    source_short(&s);
    assert_string_equal(e.text, "inline: ends too early, at byte 1005; is the copy complete?");
    source_close(&s);
    e = (struct err){0};
    source_bytes(&s, NULL, 0, "inline", 0, &e);
    assert_false(source_need(&s, 1));
    assert_true(source_skip(&s, 0));
    source_close(&s);
}

static void put_chunk(struct buf *b, uint8_t type, const void *body, size_t n)
{
    uint8_t head[4] = {type, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16)};
    buf_put(b, head, 4);
    buf_put(b, body, n);
}

static void put_identifier(struct buf *b) { put_chunk(b, 0xff, "sNaPpY", 6); }

static void put_data(struct buf *b, const uint8_t *p, size_t n, bool packed)
{
    uint32_t crc = crc32c(p, n);
    crc = ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    struct buf body = {0};
    buf_put(&body, &crc, 4);
    if (packed) {
        size_t max = snappy_max_compressed_length(n);
        buf_reserve(&body, max);
        assert_int_equal(snappy_compress((const char *)p, n, (char *)body.p + 4, &max), SNAPPY_OK);
        body.n += max;
    } else {
        buf_put(&body, p, n);
    }
    put_chunk(b, packed ? 0 : 1, body.p, body.n);
    buf_free(&body);
}

static struct buf framed(const uint8_t *p, size_t n)
{
    struct buf b = {0};
    put_identifier(&b);
    for (size_t at = 0, i = 0; at < n; i++) {
        size_t k = i % 5 == 4 ? i * 31 % 5000 : SNAPPY_PLAIN_MAX;
        k = k < n - at ? k : n - at;
        put_data(&b, p + at, k, i % 3 != 2);
        at += k;
        if (i % 4 == 3)
            put_chunk(&b, 0xfe, p, 1234 < n ? 1234 : n);
        if (i % 7 == 6)
            put_identifier(&b);
    }
    return b;
}

static void snappy_over_everything(void **state)
{
    (void)state;
    uint8_t *p = pattern(BIG);
    struct buf b = framed(p, BIG);
    static const size_t steps[] = {33, 70001, 1500000};
    for (int way = 0; way < 2; way++)
        for (int i = 0; i < 3; i++) {
            struct err e = {0};
            struct fake k = {.p = b.p};
            struct store_file f = fake_file(&k, b.n);
            struct source s;
            if (way)
                source_file(&s, &f, 0, b.n, &e);
            else
                source_bytes(&s, b.p, b.n, "inline", 0, &e);
            source_snappy(&s, true);
            walk(&s, p, BIG, steps[i]);
            source_close(&s);
            store_close(&f);
        }
    struct err e = {0};
    struct source s;
    source_bytes(&s, b.p + 10, b.n - 10, "inline", 0, &e);
    source_snappy(&s, false);
    walk(&s, p, BIG, 5000);
    source_close(&s);
    source_bytes(&s, b.p, b.n, "inline", 0, &e);
    source_snappy(&s, true);
    assert_true(source_skip(&s, BIG - 1));
    assert_true(source_need(&s, 1));
    assert_int_equal(*s.p, p[BIG - 1]);
    assert_false(source_skip(&s, 2));
    assert_int_equal(e.kind, ERR_NONE);
    source_close(&s);
    source_bytes(&s, b.p, 0, "inline", 0, &e);
    source_snappy(&s, true);
    assert_false(source_need(&s, 1)); /* nothing is no fault, only too short for whoever wants a byte */
    assert_int_equal(e.kind, ERR_NONE);
    source_close(&s);
    buf_free(&b);
    free(p);
}

/* Reads to the end; gives the number of plain bytes, and the error. Copies the frames to the end of a fresh allocation so that
 * the sanitizer sees a read behind them. */
static size_t drain(const uint8_t *p, size_t n, bool need_identifier, struct err *e)
{
    *e = (struct err){0};
    uint8_t *copy = mem_alloc(n);
    if (n)
        memcpy(copy, p, n);
    struct source s;
    source_bytes(&s, copy, n, "inline", 0, e);
    source_snappy(&s, need_identifier);
    size_t plain = 0;
    while (source_need(&s, 1)) {
        plain += source_have(&s);
        s.p = s.end;
    }
    source_close(&s);
    free(copy);
    return plain;
}

static void expect_fault(struct buf *b, bool need_identifier, const char *part)
{
    struct err e;
    drain(b->p, b->n, need_identifier, &e);
    assert_int_equal(e.kind, ERR_CORRUPT);
    if (!strstr(e.text, part))
        fail_msg("\"%s\" does not say \"%s\"", e.text, part);
    buf_free(b);
}

static void snappy_faults(void **state)
{
    (void)state;
    uint8_t *p = pattern(200000);
    struct buf b = {0};
    put_data(&b, p, 100, true);
    expect_fault(&b, true, "no Snappy stream identifier at byte 0");
    put_chunk(&b, 0xff, "sNaPpX", 6);
    expect_fault(&b, true, "wrong Snappy stream identifier");
    put_chunk(&b, 0xff, "sNaPpYY", 7);
    expect_fault(&b, true, "identifier of a wrong length");
    put_identifier(&b);
    put_chunk(&b, 0x02, p, 10);
    expect_fault(&b, true, "unknown type, or no Snappy chunk at all at byte 10");
    put_chunk(&b, 0x7f, p, 10);
    expect_fault(&b, false, "unknown type");
    put_chunk(&b, 0x00, p, 3);
    expect_fault(&b, false, "without a checksum");
    put_chunk(&b, 0x00, p, 4); /* a checksum, and no data */
    expect_fault(&b, false, "cannot be unpacked");
    put_data(&b, p, SNAPPY_PLAIN_MAX + 1, false);
    expect_fault(&b, false, "more than 64 KiB");
    uint8_t *zeros = mem_zalloc(1 << 20); /* 1 MiB of zeros packs into some 50 KB: a legal length on disk */
    put_data(&b, zeros, 1 << 20, true);
    assert_true(b.n < SNAPPY_BODY_MAX);
    expect_fault(&b, false, "more than 64 KiB");
    free(zeros);
    put_chunk(&b, 0x00, p, 100000);
    expect_fault(&b, false, "more than 64 KiB");
    put_data(&b, p, 100, true);
    b.p[5] ^= 1;
    expect_fault(&b, false, "wrong checksum");
    put_data(&b, p, 100, false);
    b.p[50] ^= 1;
    expect_fault(&b, false, "wrong checksum");
    put_chunk(&b, 0xfe, p, 100);
    b.n -= 1;
    expect_fault(&b, false, "cut off at byte 0");
    put_chunk(&b, 0xfe, p, 100);
    buf_put(&b, "\0\0", 2);
    expect_fault(&b, false, "cut off at byte 104");
    free(p);
}

/* Every cut and every flipped bit of a small stream: an error or a shorter stream, never a wrong byte or a crash. */
static void snappy_cut_and_flipped(void **state)
{
    (void)state;
    uint8_t *p = pattern(3000);
    struct buf b = {0};
    put_identifier(&b);
    put_data(&b, p, 1000, true);
    size_t first = b.n;
    put_data(&b, p + 1000, 1000, false);
    size_t second = b.n;
    put_data(&b, p + 2000, 1000, true);
    struct err e;
    for (size_t n = 0; n <= b.n; n++) {
        size_t plain = drain(b.p, n, true, &e);
        bool whole = n == 0 || n == 10 || n == first || n == second || n == b.n;
        assert_int_equal(e.kind, whole ? ERR_NONE : ERR_CORRUPT);
        assert_int_equal(plain, n < first ? 0 : n < second ? 1000 : n < b.n ? 2000 : 3000);
    }
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] ^= (uint8_t)(1 << i % 8);
        size_t plain = drain(b.p, b.n, true, &e);
        assert_true(plain % 1000 == 0 && plain <= 3000);
        if (plain == 3000)
            assert_int_equal(e.kind, ERR_NONE);
        b.p[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    buf_free(&b);
    free(p);
}

static void snappy_reading_fails(void **state)
{
    (void)state;
    uint8_t *p = pattern(BIG);
    struct buf b = framed(p, BIG);
    struct err e = {0};
    struct fake k = {.p = b.p, .bad = 1000000};
    struct store_file f = fake_file(&k, b.n);
    struct source s;
    source_file(&s, &f, 0, b.n, &e);
    source_snappy(&s, true);
    assert_false(source_need(&s, BIG));
    assert_int_equal(e.kind, ERR_SERVER); /* and not "cut off" */
    source_close(&s);
    store_close(&f);
    buf_free(&b);
    free(p);
}

static void crc32c_known(void **state)
{
    (void)state;
    assert_int_equal(crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(crc32c("", 0), 0);
    uint8_t zeros[32] = {0}; /* RFC 3720 B.4 */
    assert_int_equal(crc32c(zeros, 32), 0x8A9136AA);
    uint8_t up[32];
    for (uint8_t i = 0; i < 32; i++)
        up[i] = i;
    assert_int_equal(crc32c(up, 32), 0x46DD794E);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_known),
        cmocka_unit_test(inline_bytes),
        cmocka_unit_test(windows_over_a_store_that_reads),
        cmocka_unit_test(a_window_grows_only_as_bytes_arrive),
        cmocka_unit_test(skips_without_reading),
        cmocka_unit_test(windows_over_a_mapped_file),
        cmocka_unit_test(snappy_over_everything),
        cmocka_unit_test(snappy_faults),
        cmocka_unit_test(snappy_cut_and_flipped),
        cmocka_unit_test(snappy_reading_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
