/* Figures of decoded values: how many, how many are null or could not be decoded and why, and what the whole numbers add up to. */
#ifndef WEIR_INSPECT_FIGURES_H
#define WEIR_INSPECT_FIGURES_H

#include "savepoint/sink.h"

enum { FIGURES_REASONS = 4, REASON_TEXT = 96 };

/* Why values were left as bytes. Texts longer than REASON_TEXT are cut. */
struct reason {
    char cls[REASON_TEXT], why[REASON_TEXT];
    uint64_t n;
};

struct totals {
    uint64_t entries; /* keys (and namespaces) of a state; map entries, timers, list elements of an operator */
    uint64_t bytes;   /* of keys, namespaces and values as they are stored */
    /* the rest is for decoded values */
    uint64_t nulls, opaque;
    uint64_t sum;       /* of all whole numbers in values (list elements, user keys and values of maps among them), modulo 2^64 */
    uint32_t n_reasons; /* the first FIGURES_REASONS different ones */
    struct reason reasons[FIGURES_REASONS];
};

/* Adds `more` to `to`. */
void totals_add(struct totals *to, const struct totals *more);

/* Two sinks that count into *to: `value` all of it, `key` (state keys and namespaces) only what is opaque. */
struct figures {
    struct figures_sink {
        struct sink sink;
        struct figures *all;
    } value, key;
    struct totals *to; /* the caller's; may be changed between two values */
};

void figures_init(struct figures *f);
void figures_free(struct figures *f);

#endif
