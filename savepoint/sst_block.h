/* Blocks of RocksDB's block-based tables ("SST" files): finding, checking and unpacking one, and walking its rows.
 *
 * Where the layout comes from (RocksDB, read as a description): a block is its content, one byte of compression type and a
 * 32-bit checksum (table/format.h, block_based_table_reader.cc); the content is rows that share their key's beginning with the
 * row before, then the restart points (table/block_based/block_builder.cc). Numbers are little-endian; counts are varints. */
#ifndef WEIR_SAVEPOINT_SST_BLOCK_H
#define WEIR_SAVEPOINT_SST_BLOCK_H

#include "base/err.h"
#include "base/mem.h"
#include "base/rd.h"
#include "savepoint/store.h"

enum sst_sum { SST_SUM_NONE, SST_SUM_CRC32C, SST_SUM_XXH32, SST_SUM_XXH64, SST_SUM_XXH3 };

enum { SST_TRAILER = 5 /* bytes behind a block */, SST_TAG = 8 /* bytes of sequence number and type behind a user key */ };

/* The bytes of a table. `sum`, `sized` and `context` are set by sst_open, from the footer. */
struct sst_input {
    const char *name;   /* of the file, for messages; positions in them are the file's */
    const uint8_t *map; /* all `size` bytes, or NULL: they are read from `file` */
    uint64_t size;
    struct store_file *file;
    uint64_t start;   /* position of the table in that file */
    bool verify;      /* compare the checksums (those that weir computes: CRC-32C, XXH3) */
    uint8_t sum;      /* enum sst_sum */
    bool sized;       /* packed blocks begin with their plain size, also where the packing does not: format 2 and later */
    uint32_t context; /* format 6: what each checksum is shifted by */
};

struct sst_handle {
    uint64_t off, size; /* size without the trailer */
};

/* A block in memory. Zero-initialise, read any number of blocks one after the other, then sst_block_free. */
struct sst_block {
    const uint8_t *p;
    size_t n;
    uint64_t at;       /* position in the table */
    bool plain;        /* p lies in the table as it is: at + (x - p) is x's position */
    struct buf window; /* inputs without a map: table bytes from window_at on */
    uint64_t window_at;
    struct buf room; /* unpacked bytes */
};

/* Bytes [off, off + n) of the table, valid until the block's next use. `ahead`: more will be read behind them. */
const uint8_t *sst_bytes(const struct sst_input *in, uint64_t off, size_t n, bool ahead, struct sst_block *b, struct err *e);
/* Reads, checks and unpacks. ERR_CORRUPT; ERR_UNSUPPORTED for a compression that weir does not know. */
bool sst_block_read(const struct sst_input *in, struct sst_handle h, bool ahead, struct sst_block *b, struct err *e);
void sst_block_free(struct sst_block *b);

/* The end of the rows in b (where the restart points begin), or NULL (e is set). */
const uint8_t *sst_rows_end(const struct sst_input *in, const struct sst_block *b, struct err *e);
/* ERR_CORRUPT "<name>: block at <b->at>: <why>". */
bool sst_bad(const struct sst_input *in, const struct sst_block *b, const char *why, struct err *e);

/* The rows of a small block: metaindex, properties, index, range deletions. (Data blocks: sst_cursor.h.) */
struct sst_rows {
    const struct sst_input *in;
    const struct sst_block *block;
    struct rd r;
    bool delta; /* index with delta-encoded values: no value length; see sst_rows_next */
    struct buf key;
    struct bytes value;       /* not for delta */
    struct sst_handle handle; /* delta */
};

/* `rows` is zeroed or was begun before; its block must stay. */
bool sst_rows_begin(struct sst_rows *rows, const struct sst_input *in, const struct sst_block *block, bool delta, struct err *e);
/* The next row; false at the end, or with e set. `first_key`: delta rows carry a first key behind the handle. */
bool sst_rows_next(struct sst_rows *rows, bool first_key, struct err *e);
void sst_rows_free(struct sst_rows *rows);

/* Two varints. Failure is the reader's. */
struct sst_handle sst_handle_read(struct rd *r);

#endif
