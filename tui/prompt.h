/* The line at the bottom while something is being typed or has to be confirmed. */
#ifndef WEIR_TUI_PROMPT_H
#define WEIR_TUI_PROMPT_H

#include <stdbool.h>

#include "tui/cells.h"

enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_COMMAND, PROMPT_ACT };

enum prompt_result {
    PROMPT_GOES_ON,
    PROMPT_CHANGED, /* the text is another one */
    PROMPT_ENTERED,
    PROMPT_LEFT /* with Esc */
};

struct prompt {
    enum prompt_kind kind;
    const char *head; /* ACT: what stands before the text */
    char text[512];   /* UTF-8 */
};

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
/* Asks for what an act needs; head lives as long as it is open. */
void prompt_ask(struct prompt *p, const char *head, const char *text);
/* Takes a key (enum screen_key). Tab completes by `words` (NULL-ended, may be NULL) as far as they agree. */
enum prompt_result prompt_key(struct prompt *p, int key, const char *const *words);
/* Draws it with the words that would complete it. */
void prompt_draw(const struct prompt *p, struct grid *g, struct rect r, const char *const *words);

#endif
