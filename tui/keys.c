#include "tui/keys.h"

#include <stdio.h>

#include "tui/term.h"

const struct key_row key_rows[VERBS - 1] = {
#define KEY(verb, key, other, hint, help) {verb, key, other, hint, help},
#include "tui/keys.def"
#undef KEY
};

enum verb key_verb(int key)
{
    for (int i = 0; i < VERBS - 1; i++)
        if (key && (key_rows[i].key == key || key_rows[i].other == key))
            return key_rows[i].verb;
    return VERB_NONE;
}

struct key_name key_name(int key)
{
    static const struct {
        int key;
        const char *name;
    } named[] = {{KEY_TAB_, "Tab"},          {KEY_RETURN, "Enter"},    {KEY_ESCAPE, "Esc"},      {' ', "Space"},
                 {KEY_ARROW_UP, "Up"},       {KEY_ARROW_DOWN, "Down"}, {KEY_ARROW_LEFT, "Left"}, {KEY_ARROW_RIGHT, "Right"},
                 {KEY_PAGE_UP, "PgUp"},      {KEY_PAGE_DOWN, "PgDn"},  {KEY_TO_HOME, "Home"},    {KEY_TO_END, "End"},
                 {KEY_BACK_TAB, "Shift-Tab"}};
    struct key_name n = {""};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].key == key)
            snprintf(n.s, sizeof n.s, "%s", named[i].name);
    if (!n.s[0] && key > 0 && key < 32)
        snprintf(n.s, sizeof n.s, "^%c", key + 64);
    else if (!n.s[0])
        snprintf(n.s, sizeof n.s, "%c", key);
    return n;
}

struct key_name key_names(const struct key_row *row)
{
    struct key_name n = key_name(row->key);
    if (row->other)
        snprintf(n.s, sizeof n.s, "%.20s, %.20s", key_name(row->key).s, key_name(row->other).s);
    return n;
}
