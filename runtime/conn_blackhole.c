/* Connector blackhole: takes rows and forgets them (BlackHoleTableSinkFactory of flink-connector 2.3). */
#include "runtime/conn.h"

static void put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row)
{
    (void)o;
    (void)s;
    (void)b;
    (void)row;
}

const struct connector conn_blackhole = {.name = "blackhole", .changes = true, .put = put};
