/* ComparableRecordComparator as a Java object (flink-table-runtime 2.3): the order of a sorted map's keys, which Flink keeps in its snapshot with the
 * source of a comparator that it compiles to read the map. */
#include <stdlib.h>

#include "base/wr.h"
#include "savepoint/java_out.h"

#define GENERATED "org.apache.flink.table.runtime.generated."
#define DATA "org.apache.flink.table.data."

enum { CODE_MOST = 60000 };

static const struct java_desc ints = {.name = "[I", .uid = UINT64_C(0x4dba602676eab2a5), .flags = SC_SERIALIZABLE};
static const struct java_desc bools = {.name = "[Z", .uid = UINT64_C(0x578f203914b85de2), .flags = SC_SERIALIZABLE};
static const struct java_desc types = {
    .name = "[Lorg.apache.flink.table.types.logical.LogicalType;", .uid = UINT64_C(0x183447acdb71a136), .flags = SC_SERIALIZABLE};
static const struct java_desc objects = {
    .name = "[Ljava.lang.Object;", .uid = UINT64_C(0x90ce589f1073296c), .flags = SC_SERIALIZABLE};
static const struct java_desc generated = {.name = GENERATED "GeneratedClass",
                                           .uid = UINT64_C(0x6d9938fba2f667e9),
                                           .flags = SC_SERIALIZABLE,
                                           .n = 4,
                                           .fields = {{'L', "className", "Ljava/lang/String;"},
                                                      {'L', "code", "Ljava/lang/String;"},
                                                      {'[', "references", "[Ljava/lang/Object;"},
                                                      {'L', "splitCode", "Ljava/lang/String;"}}};
static const struct java_desc record_comparator = {
    .name = GENERATED "GeneratedRecordComparator", .uid = 2, .flags = SC_SERIALIZABLE, .super = &generated};
static const struct java_desc comparator = {
    .name = "org.apache.flink.table.runtime.operators.rank.ComparableRecordComparator",
    .uid = UINT64_C(4386377835781068140),
    .flags = SC_SERIALIZABLE,
    .n = 5,
    .fields = {{'[', "compareKeyPositions", "[I"},
               {'[', "compareKeyTypes", "[Lorg/apache/flink/table/types/logical/LogicalType;"},
               {'[', "compareOrders", "[Z"},
               {'L', "generatedRecordComparator", "Lorg/apache/flink/table/runtime/generated/GeneratedRecordComparator;"},
               {'[', "nullsIsLast", "[Z"}}};

/* What compares field i of a and b, neither of which is null. */
static bool put_compare(struct buf *b, const struct ltype *t, uint32_t i, struct err *e)
{
    static const struct {
        const char *box, *get;
    } plain[] = {
        [SLOT_BOOLEAN] = {"Boolean", "Boolean"}, [SLOT_I8] = {"Byte", "Byte"},  [SLOT_I16] = {"Short", "Short"},
        [SLOT_I32] = {"Integer", "Int"},         [SLOT_I64] = {"Long", "Long"}, [SLOT_FLOAT] = {"Float", "Float"},
        [SLOT_DOUBLE] = {"Double", "Double"},
    };
    if (t->slot < sizeof plain / sizeof *plain && plain[t->slot].box)
        buf_printf(b, "%s.compare(a.get%s(%u), b.get%s(%u))", plain[t->slot].box, plain[t->slot].get, i, plain[t->slot].get, i);
    else if (t->slot == SLOT_TEXT)
        buf_printf(
            b, "((" DATA "binary.BinaryStringData) a.getString(%u)).compareTo((" DATA "binary.BinaryStringData) b.getString(%u))",
            i, i);
    else if (t->slot == SLOT_DECIMAL)
        buf_printf(b, "a.getDecimal(%u, %d, %d).compareTo(b.getDecimal(%u, %d, %d))", i, t->precision, t->scale, i, t->precision,
                   t->scale);
    else if (t->slot == SLOT_TIMESTAMP)
        buf_printf(b, "a.getTimestamp(%u, %d).compareTo(b.getTimestamp(%u, %d))", i, t->precision, i, t->precision);
    else
        return err_set(e, ERR_UNSUPPORTED, "weir cannot make a snapshot with rows in the order of a %s", lroot_name(t->root));
    return true;
}

static bool put_code(struct buf *b, const struct sort_field *by, uint32_t n, struct err *e)
{
    buf_puts(b,
             "public class StreamExecSortComparator implements " GENERATED "RecordComparator {\n"
             "  public StreamExecSortComparator(Object[] references) {}\n"
             "  @Override\n"
             "  public int compare(" DATA "RowData a, " DATA "RowData b) {\n"
             "    int c;\n");
    for (uint32_t i = 0; i < n; i++) {
        int first = by[i].nulls_last ? 1 : -1;
        buf_printf(b,
                   "    if (a.isNullAt(%u) && !b.isNullAt(%u)) return %d;\n"
                   "    if (!a.isNullAt(%u) && b.isNullAt(%u)) return %d;\n"
                   "    if (!a.isNullAt(%u)) {\n"
                   "      c = ",
                   i, i, first, i, i, -first, i);
        if (!put_compare(b, by[i].type, i, e))
            return false;
        buf_printf(b, ";\n      if (c != 0) return %s;\n    }\n", by[i].ascending ? "c" : "-c");
    }
    buf_puts(b, "    return 0;\n  }\n}\n");
    return b->n <= CODE_MOST ||
        err_set(e, ERR_UNSUPPORTED, "weir cannot make a snapshot with rows in the order of so many columns");
}

static void begin_array(struct java_out *o, const struct java_desc *d, uint32_t n)
{
    wr_u8(o->to, TC_ARRAY);
    java_put_desc(o, d);
    o->next++;
    wr_u32(o->to, n);
}

static void put_string(struct java_out *o, const char *s)
{
    wr_u8(o->to, TC_STRING);
    o->next++;
    wr_utfz(o->to, s);
}

static void put_generated(struct java_out *o, const char *code)
{
    java_begin(o, &record_comparator);
    put_string(o, "StreamExecSortComparator");
    put_string(o, code);
    begin_array(o, &objects, 0);
    put_string(o, code);
}

bool comparator_put(const struct sort_field *by, uint32_t n, struct buf *to, struct err *e)
{
    struct java_out o = {.to = to, .e = e};
    struct buf code = {0};
    bool ok = put_code(&code, by, n, e);
    wr_u32(to, JAVA_STREAM);
    java_begin(&o, &comparator);
    begin_array(&o, &ints, n);
    for (uint32_t i = 0; i < n; i++)
        wr_u32(to, i);
    begin_array(&o, &types, n);
    for (uint32_t i = 0; i < n && ok; i++)
        ok = java_put_type(&o, by[i].type);
    begin_array(&o, &bools, n);
    for (uint32_t i = 0; i < n; i++)
        wr_u8(to, by[i].ascending);
    put_generated(&o, buf_cstr(&code));
    begin_array(&o, &bools, n);
    for (uint32_t i = 0; i < n; i++)
        wr_u8(to, by[i].nulls_last);
    buf_free(&code);
    free(o.known);
    return ok;
}
