/* Files that are compressed: what comes out whatever the size of the pieces, and what is said of those that are cut off or broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/unpack.h"
#include "runtime/lines.h"

enum { LINES = 40000 };

static struct buf plain;

static void put_gzip(struct buf *to, const uint8_t *p, size_t n, int bits)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    buf_reserve(to, deflateBound(&z, n) + 32);
    z.next_in = (uint8_t *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = to->p + to->n;
    z.avail_out = (uInt)deflateBound(&z, n) + 32;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->n += z.total_out;
    deflateEnd(&z);
}

static void put_zstd(struct buf *to, const uint8_t *p, size_t n)
{
    buf_reserve(to, ZSTD_compressBound(n));
    size_t got = ZSTD_compress(to->p + to->n, ZSTD_compressBound(n), p, n, 3);
    assert_false(ZSTD_isError(got));
    to->n += got;
}

/* Two members or frames, where there may be several. */
static struct buf packed(const char *name)
{
    struct buf b = {0};
    size_t half = plain.n / 3;
    if (strstr(name, ".zst")) {
        put_zstd(&b, plain.p, half);
        put_zstd(&b, plain.p + half, plain.n - half);
    } else if (strstr(name, ".deflate")) {
        put_gzip(&b, plain.p, plain.n, 15);
    } else {
        put_gzip(&b, plain.p, half, 31);
        put_gzip(&b, plain.p + half, plain.n - half, 31);
    }
    return b;
}

struct file {
    struct bytes content;
    size_t at, chunk;
};

static ptrdiff_t more(void *ctx, void *to, size_t n, struct err *e)
{
    struct file *f = ctx;
    size_t left = f->content.n - f->at;
    (void)e;
    n = n < left ? n : left;
    n = n < f->chunk ? n : f->chunk;
    if (n)
        memcpy(to, f->content.p + f->at, n);
    f->at += n;
    return (ptrdiff_t)n;
}

/* How it ends: 0 or -1; what came before that is in `to`. */
static ptrdiff_t unpack(const char *name, struct file *f, size_t step, struct buf *to, struct err *e)
{
    struct unpack *u;
    ptrdiff_t got;
    assert_true(unpack_open(&u, name, e) && u);
    do {
        buf_reserve(to, step);
        got = unpack_read(u, more, f, to->p + to->n, step, e);
        to->n += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    if (!got)
        assert_int_equal(unpack_read(u, more, f, to->p, step, e), 0); /* the end stays the end */
    unpack_close(u);
    return got;
}

static const char *const names[] = {"a.gz", "/b.c/a.gzip", "a.deflate", "a.b.zst"};

static void pieces_of_any_size(void **state)
{
    static const size_t sizes[][2] = {{1, 4096}, {7, 100000}, {1 << 20, 1 << 20}, {100, 13}};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            struct buf in = packed(names[i]), out = {0};
            struct file f = {{in.p, in.n}, 0, sizes[k][0]};
            struct err e = {0};
            assert_int_equal(unpack(names[i], &f, sizes[k][1], &out, &e), 0);
            assert_int_equal(out.n, plain.n);
            assert_memory_equal(out.p, plain.p, plain.n);
            buf_free(&in);
            buf_free(&out);
        }
}

/* But where a member or frame ends, which is an end. */
static void cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf in = packed(names[i]);
        size_t ends = 0;
        for (size_t n = 0; n < in.n; n += n < 40 || n + 40 > in.n ? 1 : 997) {
            struct buf out = {0};
            struct file f = {{in.p, n}, 0, SIZE_MAX};
            struct err e = {0};
            if (!unpack(names[i], &f, 1 << 20, &out, &e)) {
                ends++;
                assert_true(!n && i == 3);
            } else {
                assert_int_equal(e.kind, ERR_CORRUPT);
                assert_non_null(strstr(e.text, "it ends within what"));
            }
            buf_free(&out);
        }
        assert_int_equal(ends, i == 3);
        buf_free(&in);
    }
}

static void broken(void **state)
{
    static const char *const words[] = {"malformed for a file of gzip", "malformed for a file of gzip",
                                        "malformed for a file of deflate", "malformed for a file of Zstandard"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf in = packed(names[i]), out = {0};
        struct file f = {{in.p, in.n}, 0, SIZE_MAX};
        struct err e = {0};
        in.p[0] ^= 0x55;
        assert_int_equal(unpack(names[i], &f, 1 << 20, &out, &e), -1);
        assert_int_equal(e.kind, ERR_CORRUPT);
        if (!strstr(e.text, words[i]))
            fail_msg("%s", e.text);
        buf_free(&in);
        buf_free(&out);
    }
}

static void names_say_it(void **state)
{
    static const char *const none[] = {"a", "gz", "a.gz/b", "a.json", "a.GZ", "/dev/stdin", ""};
    struct unpack *u;
    struct err e = {0};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_true(unpack_open(&u, none[i], &e) && !u);
    assert_false(unpack_open(&u, "/x/a.bz2", &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_string_equal(e.text, "/x/a.bz2: unpacking bzip2 is not there yet; gzip, deflate and Zstandard are");
}

/* --- lines --- */

static int world_open(void *ctx, const char *path, struct err *e)
{
    (void)path;
    (void)e;
    ((struct file *)ctx)->at = 0;
    return 0;
}

static ptrdiff_t world_read(void *ctx, int file, void *to, size_t n, struct err *e)
{
    (void)file;
    return more(ctx, to, n, e);
}

static void world_close(void *ctx, int file)
{
    (void)ctx;
    (void)file;
}

/* A reader goes on at any place where a line begins. */
static void lines_go_on(void **state)
{
    (void)state;
    struct buf in = packed("a.gz");
    struct file f = {{in.p, in.n}, 0, SIZE_MAX};
    const struct world w = {.open = world_open, .read = world_read, .close = world_close, .ctx = &f};
    struct err e = {0};
    struct lines l;
    struct bytes line;
    uint64_t at = 0, n = 0;
    for (uint64_t stop = 7; n < LINES; stop += 9973) {
        char want[32];
        if (!lines_open(&l, &w, "a.gz", at, n, &e))
            fail_msg("%s", e.text);
        for (enum lines_got got = LINES_SOME; got == LINES_SOME && n < stop;) {
            got = lines_ready(&l, &e);
            while (n < stop && lines_next(&l, &line)) {
                snprintf(want, sizeof want, "line %llu", (unsigned long long)n++);
                assert_int_equal(line.n, strlen(want));
                assert_memory_equal(line.p, want, line.n);
                assert_int_equal(l.line, n);
            }
        }
        at = l.at;
        lines_close(&l);
    }
    assert_int_equal(at, plain.n);
    assert_false(lines_open(&l, &w, "a.gz", at + 1, n, &e));
    assert_string_equal(e.text, "a.gz: it is shorter than when it was read before");
    lines_close(&l);
    buf_free(&in);
}

static int make_plain(void **state)
{
    (void)state;
    for (int i = 0; i < LINES; i++)
        buf_printf(&plain, "line %d\n", i);
    return 0;
}

static int free_plain(void **state)
{
    (void)state;
    buf_free(&plain);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_of_any_size), cmocka_unit_test(cut_off_anywhere),
                                       cmocka_unit_test(broken), cmocka_unit_test(names_say_it), cmocka_unit_test(lines_go_on)};
    return cmocka_run_group_tests(tests, make_plain, free_plain);
}
