/* What keys do: the rows of keys.def. */
#ifndef WEIR_TUI_KEYS_H
#define WEIR_TUI_KEYS_H

#include <stddef.h>

enum verb {
    VERB_NONE,
#define KEY(verb, key, other, hint, help) verb,
#include "tui/keys.def"
#undef KEY
    VERBS
};

struct key_row {
    enum verb verb;
    int key, other; /* enum screen_key; other 0: none */
    const char *hint, *help;
};
extern const struct key_row key_rows[VERBS - 1];

enum verb key_verb(int key);

struct key_name {
    char s[48];
};
/* "Enter", "^L", "k". */
struct key_name key_name(int key);
/* "k, Up" */
struct key_name key_names(const struct key_row *row);

#endif
