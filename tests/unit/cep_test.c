/* flink-cep. cep_vectors.tsv: snapshots, values and what their toString says, out of savepoints of Flink 1.15.4, 1.20.5 and 2.3.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/value_check.h"

#define NFA "org.apache.flink.cep.nfa."
#define BASE "org.apache.flink.api.common.typeutils.base."

static const char vectors[] = "tests/unit/cep_vectors.tsv";
static struct arena arena;
static const char *version;
static struct ser *nfa_state;

static void take_snapshot(char **col, int n)
{
    assert_int_equal(n, 2);
    if (version && strcmp(col[0], version))
        return;
    struct bytes b = unhex(col[1]);
    nfa_state = snapshot_of(b, &arena, 0, NULL);
    free((void *)b.p);
}

static struct ser *lockable(struct ser *element)
{
    return ser_make(&arena, NFA "sharedbuffer.LockableTypeSerializerSnapshot", 1, &element);
}

static struct ser *simple(const char *snapshot_class) { return ser_make(&arena, snapshot_class, 0, NULL); }

static const struct ser *serializer(const char *state, const char *cls)
{
    if (!strcmp(cls, "NFAState"))
        return nfa_state;
    if (!strcmp(cls, "NodeId"))
        return simple(NFA "sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot");
    if (!strcmp(cls, "EventId"))
        return simple(NFA "sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot");
    if (!strcmp(state, "sharedBuffer-events")) { /* the job's events: Tuple2<String, Long> */
        struct ser *fields[] = {simple(BASE "StringSerializer$StringSerializerSnapshot"),
                                simple(BASE "LongSerializer$LongSerializerSnapshot")};
        return lockable(ser_make(&arena, "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot", 2, fields));
    }
    return lockable(simple(NFA "sharedbuffer.SharedBufferNodeSerializerSnapshotV2"));
}

static void value_prints(char **col, int n)
{
    assert_int_equal(n, 5);
    version = col[0];
    each_vector(vectors, "snapshot", take_snapshot);
    const struct ser *s = serializer(col[1], col[2]);
    struct buf expected = {0};
    buf_printf(&expected, "{\"$class\":\"" NFA "%s%s\",\"$string\":\"", strcmp(col[2], "NFAState") ? "sharedbuffer." : "", col[2]);
    buf_puts(&expected, col[4]); /* beyond what buf_printf may take */
    buf_puts(&expected, "\",\"$hex\":\"");
    buf_puts(&expected, col[3]);
    buf_puts(&expected, "\"}");
    struct bytes b = unhex(col[3]);
    value_is(s, b, buf_cstr(&expected));
    value_hurt(s, b);
    buf_free(&expected);
    free((void *)b.p);
}

static void values_print(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "value", value_prints), 27);
    version = NULL;
}

static void snapshot_is_hurt(char **col, int n)
{
    (void)n;
    struct bytes b = unhex(col[1]);
    snapshot_hurt(b, 0);
    free((void *)b.p);
}

static void hurt_snapshots_fail(void **state)
{
    (void)state;
    assert_int_equal(each_vector(vectors, "snapshot", snapshot_is_hurt), 3);
}

static void check(const char *snapshot_class, const char *hex, const char *expected)
{
    struct bytes b = unhex(hex);
    const struct ser *s = simple(snapshot_class);
    value_is(s, b, expected);
    value_hurt(s, b);
    free((void *)b.p);
}

/* Forms that no snapshot at hand has by themselves. */
static void parts_print(void **state)
{
    (void)state;
    check(NFA "sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot", "00", "null");
    check(NFA "DeweyNumber$DeweyNumberSerializer$DeweyNumberSerializerSnapshot",
          "00000002"
          "00000001"
          "ffffffff",
          "{\"$class\":\"" NFA "DeweyNumber\",\"$string\":\"1.-1\",\"$hex\":\"0000000200000001ffffffff\"}");
    check(NFA "sharedbuffer.SharedBufferEdge$SharedBufferEdgeSerializer$SharedBufferEdgeSerializerSnapshot",
          "01"
          "00000001"
          "0000000000000002"
          "0361e901"
          "00000000",
          "{\"$class\":\"" NFA
          "sharedbuffer.SharedBufferEdge\",\"$string\":\"SharedBufferEdge{target=NodeId{eventId=EventId{id=1, timestamp=2}, "
          "pageName='aé'}, deweyNumber=}\",\"$hex\":\"010000000100000000000000020361e90100000000\"}");
    check(NFA "sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot",
          "00000002"
          "0000000000"
          "0000000000",
          "{\"$class\":\"" NFA
          "sharedbuffer.SharedBufferNode\",\"$string\":\"SharedBufferNode{edges=[Lock{refCounter=0}, Lock{refCounter=0}]}\","
          "\"$hex\":\"0000000200000000000000000000\"}");
    check(
        NFA "sharedbuffer.SharedBufferNodeSerializerSnapshotV2",
        "00000001"
        "00000003"
        "0000000000",
        "{\"$class\":\"" NFA
        "sharedbuffer.SharedBufferNode\",\"$string\":\"SharedBufferNode{edges=[Lock{refCounter=3}]}\",\"$hex\":\"00000001000000030000000000\"}");
}

static void lengths_are_flinks(void **state)
{
    (void)state;
    assert_int_equal(simple(NFA "sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot")->length, 12);
    assert_int_equal(simple(NFA "sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot")->length, -1);
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print),
        cmocka_unit_test(hurt_snapshots_fail),
        cmocka_unit_test(parts_print),
        cmocka_unit_test(lengths_are_flinks),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
