/* librocksdb, loaded when first needed (base/lazy.h): the types of <rocksdb/c.h>, and its functions as members of `rocksdb`. */
#ifndef WEIR_SAVEPOINT_ROCKS_LIB_H
#define WEIR_SAVEPOINT_ROCKS_LIB_H

#include <rocksdb/c.h>

#include "base/err.h"

/* a list in a macro, which clang-format moves about without end */
/* clang-format off */
#define ROCKSDB(F) \
    F(block_based_options_create) F(block_based_options_destroy) F(block_based_options_set_checksum) \
    F(block_based_options_set_no_block_cache) F(close) F(column_family_handle_destroy) F(create_iterator_cf) \
    F(envoptions_create) F(envoptions_destroy) F(free) F(iter_destroy) F(iter_get_error) F(iter_key) F(iter_next) \
    F(iter_seek_to_first) F(iter_valid) F(iter_value) F(list_column_families) F(list_column_families_destroy) \
    F(mergeoperator_create) F(open_for_read_only_column_families) F(options_create) F(options_destroy) \
    F(options_set_block_based_table_factory) F(options_set_compression) F(options_set_info_log_level) \
    F(options_set_max_file_opening_threads) F(options_set_max_open_files) F(options_set_merge_operator) \
    F(options_set_skip_stats_update_on_db_open) F(readoptions_create) F(readoptions_destroy) \
    F(readoptions_set_fill_cache) F(readoptions_set_iterate_lower_bound) F(readoptions_set_iterate_upper_bound) \
    F(readoptions_set_readahead_size) F(readoptions_set_verify_checksums) F(sstfilewriter_create) \
    F(sstfilewriter_destroy) F(sstfilewriter_file_size) F(sstfilewriter_finish) F(sstfilewriter_open) \
    F(sstfilewriter_put)
/* clang-format on */

struct rocksdb_lib {
#define F(name) __typeof__(&rocksdb_##name) name;
    ROCKSDB(F)
#undef F
};
extern struct rocksdb_lib rocksdb; /* usable once rocks_lib_load has said so */

/* From any thread. */
bool rocks_lib_load(struct err *e);
/* For reading and for writing: quiet, without a cache, with the merge operator of Flink's lists. */
rocksdb_options_t *rocks_lib_options(void);
/* Makes e of librocksdb's error text, which it releases. `name` stands where the text has the directory, which no user ever saw. */
bool rocks_lib_failed(const char *dir, const char *name, char *text, struct err *e);

#endif
