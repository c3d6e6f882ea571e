/* The two halves of connector filesystem: reading (conn_filesystem.c) and writing (conn_filesystem_sink.c). */
#ifndef WEIR_RUNTIME_CONN_FILESYSTEM_H
#define WEIR_RUNTIME_CONN_FILESYSTEM_H

#include "runtime/conn.h"

bool files_open_sink(struct op *o, struct table_sink *s, struct err *e);
void files_put(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row);
void files_drain(struct op *o, struct table_sink *s);
void files_end(struct op *o, struct table_sink *s);
void files_close_sink(struct op *o, struct table_sink *s);
void files_snapshot_sink(struct op *o, struct table_sink *s, uint64_t checkpoint, struct snap *to);
bool files_restore_sink(struct op *o, struct table_sink *s, const struct snap *of, struct err *e);
void files_completed(struct op *o, struct table_sink *s, uint64_t checkpoint);

#endif
