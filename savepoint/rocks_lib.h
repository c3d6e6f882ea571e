/* librocksdb, loaded when first needed (base/lazy.h): the types of <rocksdb/c.h>, and its functions as members of `rocksdb`. */
#ifndef WEIR_SAVEPOINT_ROCKS_LIB_H
#define WEIR_SAVEPOINT_ROCKS_LIB_H

#include <rocksdb/c.h>

#include "base/err.h"

/* a list in a macro, which clang-format moves about without end */
/* clang-format off */
#define ROCKSDB(F) \
    F(block_based_options_create) F(block_based_options_destroy) F(block_based_options_set_block_cache) \
    F(block_based_options_set_checksum) F(block_based_options_set_filter_policy) \
    F(block_based_options_set_no_block_cache) F(block_based_options_set_whole_key_filtering) F(cache_create_lru) \
    F(cancel_all_background_work) F(checkpoint_create) F(compactionfilter_create) F(compactionfilter_destroy) F(options_set_compaction_filter) \
    F(options_set_db_write_buffer_size) F(checkpoint_object_create) F(checkpoint_object_destroy) \
    F(close) F(column_family_handle_destroy) F(create_iterator_cf) F(envoptions_create) F(envoptions_destroy) \
    F(filterpolicy_create_bloom_full) F(free) F(get_options_from_string) F(get_pinned_cf) F(iter_destroy) F(iter_get_error) F(iter_key) \
    F(iter_next) F(iter_seek) F(iter_seek_to_first) F(iter_valid) F(iter_value) F(list_column_families) \
    F(list_column_families_destroy) F(mergeoperator_create) F(open_column_families) \
    F(open_for_read_only_column_families) F(options_create) F(options_destroy) \
    F(options_set_block_based_table_factory) F(options_set_compression) F(options_set_create_if_missing) \
    F(options_set_create_missing_column_families) F(options_set_info_log_level) \
    F(options_set_max_file_opening_threads) F(options_set_max_open_files) F(options_set_merge_operator) \
    F(options_set_prefix_extractor) F(options_set_skip_stats_update_on_db_open) F(options_set_stats_dump_period_sec) \
    F(options_set_write_buffer_size) F(pinnableslice_destroy) F(pinnableslice_value) F(readoptions_create) \
    F(readoptions_destroy) F(readoptions_set_fill_cache) F(readoptions_set_iterate_lower_bound) \
    F(readoptions_set_iterate_upper_bound) F(readoptions_set_prefix_same_as_start) F(readoptions_set_readahead_size) \
    F(readoptions_set_total_order_seek) F(readoptions_set_verify_checksums) F(slicetransform_create) \
    F(sstfilewriter_create) F(sstfilewriter_destroy) F(sstfilewriter_file_size) F(sstfilewriter_finish) \
    F(sstfilewriter_open) F(sstfilewriter_put) F(write) F(writebatch_clear) F(writebatch_create) \
    F(writebatch_delete_cf) F(writebatch_destroy) F(writebatch_put_cf) F(writeoptions_create) F(writeoptions_destroy) \
    F(writeoptions_disable_WAL)
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
