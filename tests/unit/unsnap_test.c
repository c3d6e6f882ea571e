#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/unsnap.h"

/* What libsnappy packs comes back, whatever may be read behind it; cut anywhere, it is refused. */
static void round_trips(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (size_t n = 0; n < 70000; n += 1 + n / 3)
        for (uint32_t kind = 0; kind < 6; kind++) {
            char *plain = mem_alloc(n), *packed = mem_alloc(snappy_max_compressed_length(n));
            for (size_t i = 0; i < n; i++) { /* noise; runs of one byte; repetitions at distances below and above 16 */
                seed = seed * 1664525 + 1013904223;
                size_t back = kind == 1 ? 1 : kind == 2 ? 7 : kind == 3 ? 11 : kind == 4 ? 40 : 3000;
                bool repeat = kind && i >= back && (seed >> 24) % 32;
                plain[i] = repeat ? plain[i - back] : (char)(seed >> 16);
            }
            size_t size = snappy_max_compressed_length(n);
            assert_int_equal(snappy_compress(plain, n, packed, &size), SNAPPY_OK);
            for (size_t behind = 0; behind <= 200; behind += 100) {
                uint8_t *in = mem_zalloc(size + behind), *out = mem_alloc(n + UNSNAP_SLACK);
                memcpy(in, packed, size);
                uint32_t length;
                assert_true(unsnap_length(in, size, &length));
                assert_int_equal(length, n);
                assert_true(unsnap(in, size, size + behind, out, n));
                if (n)
                    assert_memory_equal(out, plain, n);
                for (size_t cut = 0; n && cut < size; cut += 1 + size / 50)
                    assert_false(unsnap(in, cut, cut, out, n));
                free(in);
                free(out);
            }
            free(plain);
            free(packed);
        }
}

static void refuses(void **state)
{
    (void)state;
    uint8_t out[10 + UNSNAP_SLACK];
    uint32_t n;
    assert_false(unsnap_length((const uint8_t *)"\x80", 1, &n));
    assert_false(unsnap_length((const uint8_t *)"\xff\xff\xff\xff\x10", 5, &n));
    assert_true(unsnap_length((const uint8_t *)"\xff\xff\xff\xff\x0f", 5, &n));
    assert_int_equal(n, UINT32_MAX);
    assert_true(unsnap((const uint8_t *)"\x08\x00x\x0d\x01", 5, 5, out, 8));
    assert_memory_equal(out, "xxxxxxxx", 8);
    assert_false(unsnap((const uint8_t *)"\x08\x00x\x0d\x02", 5, 5, out, 8)); /* in front of the beginning */
    assert_false(unsnap((const uint8_t *)"\x08\x00x\x0d\x00", 5, 5, out, 8));
    assert_false(unsnap((const uint8_t *)"\x07\x00x\x0d\x01", 5, 5, out, 7)); /* more than the length says */
    assert_false(unsnap((const uint8_t *)"\x09\x00x\x0d\x01", 5, 5, out, 9));
    assert_false(unsnap((const uint8_t *)"\x08\x00x\x0d\x01", 4, 5, out, 8)); /* an element cut off, its rest readable */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trips), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
