/* Views that are names with values. */
#ifndef WEIR_TUI_PAIRS_H
#define WEIR_TUI_PAIRS_H

#include "tui/view.h"

enum { PAIR_COLS = 3 };
extern const struct list_col pair_cols[PAIR_COLS]; /* group, name, value */

/* A row; the value is escaped like all text, and masked where the name says that it is a secret. */
void pair_text(struct list *l, const char *group, const char *name, const char *value);
/* Those that have a name, by name: Flink sends them in no order. */
void pair_all(struct list *l, const char *group, const struct live_pair *pairs, uint32_t n);
void pair_bytes(struct list *l, const char *group, const char *name, int64_t n);
void pair_ms(struct list *l, const char *group, const char *name, int64_t ms);
void pair_count(struct list *l, const char *group, const char *name, int64_t n);
void pair_bool(struct list *l, const char *group, const char *name, enum live_bool b);

/* Whether the name is one of those that Flink itself takes for a secret's, or alike. */
bool pair_is_secret(const char *name);

#endif
