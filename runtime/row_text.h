/* Values as Java shows them, which is how Flink's print connector does: Row#toString of what DataStructureConverters makes of a row
 * (flink-table-runtime, RowUtils of flink-core 2.3). LocalDateTime, Instant, Duration …, not CAST(… AS STRING). */
#ifndef WEIR_RUNTIME_ROW_TEXT_H
#define WEIR_RUNTIME_ROW_TEXT_H

#include "sql/batch.h"

void row_text_value(struct buf *to, const struct ltype *t, union cell v, bool null);

#endif
