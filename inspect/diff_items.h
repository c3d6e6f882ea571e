/* What diff compares: the entries of every format and kind of state, in one form. */
#ifndef WEIR_INSPECT_DIFF_ITEMS_H
#define WEIR_INSPECT_DIFF_ITEMS_H

#include "inspect/json_sink.h"
#include "inspect/scan.h"

enum item_form { ITEM_NONE, ITEM_VALUE, ITEM_NULL, ITEM_LIST_DELIM, ITEM_LIST_COUNT };

/* One comparable thing; spans are valid during the call. A timer is all key (the time among it), an element of an operator's list,
 * too: they have no value. */
struct item {
    const struct state_info *info;
    int64_t key_group;                                             /* -1: operator state */
    const struct ser *key_ser, *ns_ser, *user_key_ser, *value_ser; /* NULL: the item has no such part */
    struct bytes key, ns, user_key, value;
    bool timed;
    int64_t timestamp;
    enum item_form form;
};

typedef bool item_fn(void *ctx, const struct item *item, struct err *e);

/* Gives every item of a part to fn; a broadcast state's only of the subtask whose copy counts. Lists and maps without any element
 * are no items, since not every format can hold them. */
bool items_walk(const struct snapshot *s, const struct part *p, item_fn *fn, void *ctx, struct err *e);

struct digest {
    uint64_t key[2], value;
};
/* By the bytes: equal for equal entries of any format, if both sides have the same serializers. */
struct digest item_digest(const struct item *item, struct buf *scratch);
/* By the decoded text. */
struct digest item_text_digest(const struct item *item, struct json_sink *json);

/* The parts as JSON text, appended to json->out: each returns false when the item has none. */
bool item_key_text(const struct item *item, struct json_sink *json);
bool item_ns_text(const struct item *item, struct json_sink *json);
bool item_user_key_text(const struct item *item, struct json_sink *json);
bool item_value_text(const struct item *item, struct json_sink *json);

uint64_t digest_of(const void *p, size_t n);

#endif
