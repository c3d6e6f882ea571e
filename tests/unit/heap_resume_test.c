/* Values in heap streams whose serializers are not known: where they end is told by what must follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "savepoint/keyhash.h"
#include "tests/unit/keyed_made.h"

/* The i-th string key of a key group (of four in all). */
static struct buf key_in(uint32_t group, unsigned i)
{
    struct arena a = {0};
    const struct ser *s = ser_make(&a, S_STRING, 0, NULL);
    for (unsigned k = 0;; k++) {
        char text[16];
        snprintf(text, sizeof text, "key-%u", k);
        struct buf b = text_of(text);
        struct rd r = rd_of(b.p, b.n, 0);
        int32_t hash;
        assert_true(keyhash_read(s, &r, &hash));
        if (key_group_of_hash(hash, 4) == group && !i--) {
            arena_free(&a);
            return b;
        }
        buf_free(&b);
    }
}

static void heap_entry(struct buf *entries, uint32_t group, unsigned i, struct buf value)
{
    u8(entries, 0);
    moved_in(entries, key_in(group, i));
    moved_in(entries, value);
}

static void put_key(struct buf *text, uint32_t group, unsigned i)
{
    struct buf k = key_in(group, i);
    buf_putc(text, '"');
    buf_put(text, k.p + 1, k.n - 1);
    buf_putc(text, '"');
    buf_free(&k);
}

/* before (longs), own (not known), behind (strings), in two key groups; own has `count` values of these bytes. */
static struct stream three_states(const char *own_kind, uint32_t count, const char *const *values)
{
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 3);
    keyed_info(&s.bytes, "before", "VALUE", S_VOID, S_LONG, NULL, NULL);
    unknown_info(&s.bytes, "own", own_kind, false, "0000000a0b");
    keyed_info(&s.bytes, "behind", "VALUE", S_VOID, S_STRING, NULL, NULL);
    for (uint32_t g = 1; g <= 2; g++) {
        struct buf b = {0};
        heap_group(&s);
        heap_entry(&b, g, 0, long_of(7));
        heap_entry(&b, g, 1, long_of(8));
        heap_state(&s, 0, 2, b);
        b = (struct buf){0};
        for (uint32_t i = 0; i < count; i++)
            heap_entry(&b, g, i, bytes_of(values[i]));
        heap_state(&s, 1, count, b);
        b = (struct buf){0};
        heap_entry(&b, g, 0, text_of("x"));
        heap_entry(&b, g, 2, text_of("y"));
        heap_state(&s, 2, 2, b);
    }
    return s;
}

/* All that three_states wrote, the opaque values by their bytes. */
static struct buf three_states_text(uint32_t count, const char *const *values)
{
    struct buf t = {0};
    for (uint32_t g = 1; g <= 2; g++) {
        for (unsigned i = 0; i < 2; i++) {
            buf_printf(&t, "%u before [", g);
            put_key(&t, g, i);
            buf_printf(&t, ",%u]\n", 7 + i);
        }
        for (uint32_t i = 0; i < count; i++) {
            buf_printf(&t, "%u own [", g);
            put_key(&t, g, i);
            buf_printf(&t,
                       ",{\"$opaque\":\"" UNKNOWN "\",\"length\":%zu,\"why\":\"serializer not known to weir\",\"$hex\":\"%s\"}]\n",
                       strlen(values[i]) / 2, values[i]);
        }
        for (unsigned i = 0; i < 2; i++) {
            buf_printf(&t, "%u behind [", g);
            put_key(&t, g, i ? 2 : 0);
            buf_printf(&t, ",\"%c\"]\n", i ? 'y' : 'x');
        }
    }
    return t;
}

static void heap_opaque_values(void **state)
{
    (void)state;
    static const char *const values[] = {"0100112233445566", "0100aa", "0100000000000000000000",
                                         "01007f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"};
    for (uint32_t count = 0; count <= 4; count++) {
        struct stream s = three_states("VALUE", count, values);
        struct buf want = three_states_text(count, values);
        struct reading r = read_cut(&s, s.bytes.n);
        assert_string_equal(r.e.text, "");
        assert_int_equal(r.format, KEYED_HEAP);
        assert_string_equal(buf_cstr(&r.text), buf_cstr(&want));
        assert_int_equal(r.opaque, 2 * count);
        assert_int_equal(r.opaque_groups, 0);
        buf_free(&r.text);
        buf_free(&want);
        buf_free(&s.bytes);
    }
}

/* An opaque value that holds all that follows it, once more: only the real one ends where the key group does. */
static void heap_opaque_copies(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 2);
    unknown_info(&s.bytes, "own", "VALUE", false, "");
    keyed_info(&s.bytes, "behind", "VALUE", S_VOID, S_STRING, NULL, NULL);
    struct buf tail = {0}, value = bytes_of("0100"), entries = {0}, want = {0};
    u16(&tail, 1);
    u32(&tail, 1);
    heap_entry(&tail, 1, 3, text_of("x"));
    add(&value, &tail);
    u8(&value, 0x66);
    buf_puts(&want, "1 own [");
    put_key(&want, 1, 0);
    buf_printf(&want, ",{\"$opaque\":\"" UNKNOWN "\",\"length\":%zu,\"why\":\"serializer not known to weir\",\"$hex\":\"", value.n);
    for (size_t i = 0; i < value.n; i++)
        buf_printf(&want, "%02x", value.p[i]);
    buf_puts(&want, "\"}]\n1 behind [");
    put_key(&want, 1, 3);
    buf_puts(&want, ",\"x\"]\n");
    heap_entry(&entries, 1, 0, value);
    heap_group(&s);
    heap_state(&s, 0, 1, entries);
    moved_in(&s.bytes, tail);
    check(&s, KEYED_HEAP, buf_cstr(&want));
    buf_free(&want);
    buf_free(&s.bytes);
}

/* One that holds what could be the next entry, but for its key, which belongs to another key group. */
static void heap_opaque_foreign_key(void **state)
{
    (void)state;
    struct stream s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    head(&s, S_STRING, 1);
    unknown_info(&s.bytes, "own", "VALUE", false, "");
    struct buf value = bytes_of("0100"), entries = {0};
    heap_entry(&value, 2, 0, bytes_of("010033"));
    size_t n = value.n;
    heap_entry(&entries, 1, 0, value);
    heap_entry(&entries, 1, 1, bytes_of("0100aa"));
    heap_group(&s);
    heap_state(&s, 0, 2, entries);
    struct reading r = read_cut(&s, s.bytes.n);
    char length[32];
    snprintf(length, sizeof length, "\"length\":%zu,", n);
    assert_string_equal(r.e.text, "");
    assert_non_null(strstr((char *)r.text.p, length));
    assert_non_null(strstr((char *)r.text.p, "\"$hex\":\"0100aa\"}]\n"));
    buf_free(&r.text);
    buf_free(&s.bytes);
}

/* What follows the opaque value is damaged: the rest of its key group is one opaque value, the next group is read. */
static void heap_not_framed(void **state)
{
    (void)state;
    struct stream s = three_states("VALUE", 1, (const char *const[]){"0100112233445566"});
    /* the next state's number, in the first key group */
    struct buf found = bytes_of("0100112233445566 0002 00000002");
    uint8_t *at = memmem(s.bytes.p, s.bytes.n, found.p, found.n);
    assert_non_null(at);
    at[9] = 0x77;
    struct reading r = read_cut(&s, s.bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.opaque_groups, 1);
    char *text = (char *)r.text.p;
    assert_null(strstr(text, "1 behind"));
    assert_non_null(strstr(text, "1 own ["));
    assert_non_null(strstr(text, "2 own ["));
    assert_non_null(strstr(text, "\"length\":8,")); /* in the second group: framed */
    assert_non_null(strstr(text, "2 behind"));
    buf_free(&r.text);
    buf_free(&found);
    buf_free(&s.bytes);

    /* the key's serializer is not known: nothing can be framed at all, and that is counted, too */
    s = stream_of(HANDLE_KEY_GROUPS_V2, 1, 4);
    u32(&s.bytes, 6);
    u8(&s.bytes, 0);
    u32(&s.bytes, 2);
    snapshot_of(&s.bytes, UNKNOWN, NULL, NULL);
    u16(&s.bytes, 1);
    keyed_info(&s.bytes, "v", "VALUE", S_VOID, S_INT, NULL, NULL);
    for (uint32_t g = 1; g <= 2; g++) {
        heap_group(&s);
        heap_state(&s, 0, 2, bytes_of("00 0000000a 00000001 00 0000000b 00000002"));
    }
    r = read_cut(&s, s.bytes.n);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.opaque_groups, 2);
    assert_int_equal(r.format, KEYED_HEAP);
    assert_non_null(strstr((char *)r.text.p, "2 v [{\"$opaque\":\"" UNKNOWN "\",\"length\":17,"));
    buf_free(&r.text);
    buf_free(&s.bytes);
}

static void heap_opaque_survives(void **state)
{
    (void)state;
    static const char *const values[] = {"0100112233445566", "0100aa"};
    struct stream s = three_states("VALUE", 2, values);
    for (size_t n = 0; n < s.bytes.n; n++) {
        struct reading r = read_cut(&s, n);
        assert_true(r.e.kind != ERR_NONE || r.opaque_groups);
        buf_free(&r.text);
    }
    for (size_t at = 0; at < s.bytes.n; at++) {
        s.bytes.p[at] ^= 0x81;
        struct reading r = read_cut(&s, s.bytes.n);
        buf_free(&r.text);
        s.bytes.p[at] ^= 0x81;
    }
    struct reading r = read_cut(&s, s.bytes.n);
    struct buf want = three_states_text(2, values);
    assert_string_equal(buf_cstr(&r.text), buf_cstr(&want));
    buf_free(&want);
    buf_free(&r.text);
    buf_free(&s.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_opaque_values), cmocka_unit_test(heap_opaque_copies),   cmocka_unit_test(heap_opaque_foreign_key),
        cmocka_unit_test(heap_not_framed),    cmocka_unit_test(heap_opaque_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
