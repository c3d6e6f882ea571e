/* The terminal. There is one, so there are no handles; only the thread that has opened it calls, except for screen_rescue. */
#ifndef WEIR_TUI_TERM_H
#define WEIR_TUI_TERM_H

#include <stdbool.h>

#include "base/err.h"
#include "tui/cells.h"

/* What a key press gives: a code point, or one of these. */
enum screen_key {
    KEY_NOTHING = 0,
    KEY_TAB_ = '\t',
    KEY_RETURN = '\r',
    KEY_ESCAPE = 27,
    KEY_ERASE = 127,
    KEY_ARROW_UP = 0x110000, /* behind the last code point */
    KEY_ARROW_DOWN,
    KEY_ARROW_LEFT,
    KEY_ARROW_RIGHT,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_TO_HOME,
    KEY_TO_END,
    KEY_BACK_TAB,
    KEY_DELETE,
    KEY_WHEEL_UP,
    KEY_WHEEL_DOWN,
    KEY_CLICK,  /* screen_click says where */
    KEY_RESIZED /* the terminal has another size now */
};

struct screen_opts {
    enum theme_kind theme;
    bool ascii; /* nothing but ASCII, also where the locale has more */
    bool mouse;
};

/* Takes the terminal at standard input and output. Signals that stop and continue the process are seen to; SIGSEGV and its kind give
 * the terminal back before they kill. ERR_USAGE when there is none or TERM is not known. */
bool screen_open(const struct screen_opts *opts, struct err *e);
void screen_close(void);
/* Gives the terminal back at once, from any thread or a signal handler, and lets nothing more be painted: for the end. */
void screen_rescue(void);

void screen_size(int *w, int *h);
/* Makes the terminal show g; only what has changed is sent. */
void screen_show(const struct grid *g);
/* Sends all of it at the next showing. */
void screen_forget(void);
/* The next key of those that wait. */
int screen_next_key(void);
struct rect screen_click(void);
/* Takes the mouse, or leaves it to the terminal, which then selects text with it. */
void screen_mouse(bool on);
bool screen_has_mouse(void);
/* Whether the locale's characters are UTF-8: what grid_print can use. Calls setlocale. */
bool screen_locale_utf8(void);

#endif
