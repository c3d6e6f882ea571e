#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

#include "tui/term.h"

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
    p->kind = kind;
    snprintf(p->text, sizeof p->text, "%s", text);
}

void prompt_ask(struct prompt *p, const char *head, const char *text)
{
    prompt_open(p, PROMPT_ACT, text);
    p->head = head;
}

static void erase_last(char *text)
{
    size_t n = strlen(text);
    while (n && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
        n--;
    text[n ? n - 1 : 0] = 0;
}

static bool append(struct prompt *p, uint32_t code)
{
    struct buf b = {0};
    cell_print(&b, &(struct cell){.code = code, .width = 1}, false);
    size_t n = strlen(p->text), more = b.n;
    bool fits = code >= 32 && n + more < sizeof p->text;
    if (fits) {
        memcpy(p->text + n, b.p, more);
        p->text[n + more] = 0;
    }
    buf_free(&b);
    return fits;
}

static bool completes(const struct prompt *p, const char *word) { return !strncmp(word, p->text, strlen(p->text)); }

/* Adds what all words that begin like the text have in common. */
static bool complete(struct prompt *p, const char *const *words)
{
    const char *first = NULL;
    size_t agree = 0, n = strlen(p->text);
    for (; words && *words; words++) {
        if (!completes(p, *words))
            continue;
        if (!first) {
            first = *words;
            agree = strlen(first);
        }
        while (strncmp(first, *words, agree) != 0)
            agree--;
    }
    if (!first || agree <= n || agree >= sizeof p->text)
        return false;
    memcpy(p->text, first, agree);
    p->text[agree] = 0;
    return true;
}

enum prompt_result prompt_key(struct prompt *p, int key, const char *const *words)
{
    switch (key) {
    case KEY_RETURN:
        return PROMPT_ENTERED;
    case KEY_ESCAPE:
        return PROMPT_LEFT;
    case KEY_ERASE:
        if (!*p->text)
            return PROMPT_LEFT;
        erase_last(p->text);
        return PROMPT_CHANGED;
    case 'U' - '@':
        *p->text = 0;
        return PROMPT_CHANGED;
    case KEY_TAB_:
        return complete(p, words) ? PROMPT_CHANGED : PROMPT_GOES_ON;
    default:
        return key < KEY_ARROW_UP && append(p, (uint32_t)key) ? PROMPT_CHANGED : PROMPT_GOES_ON;
    }
}

void prompt_draw(const struct prompt *p, struct grid *g, struct rect r, const char *const *words)
{
    const char *head = p->kind == PROMPT_ACT ? p->head : p->kind == PROMPT_FILTER ? "/" : ":";
    int x = r.x + grid_text(g, r.x, r.y, r.w, ST_KEY, head);
    x += grid_text(g, x, r.y, r.x + r.w - x, ST_BOLD, p->text);
    grid_put(g, x++, r.y, STYLE_REVERSED, ' ');
    for (x++; words && *words; words++)
        if (completes(p, *words))
            x += grid_textf(g, x, r.y, r.x + r.w - x, ST_DIM, " %s", *words);
}
