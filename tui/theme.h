/* How things look: a style is what a cell is for, a look is what a terminal does about it. */
#ifndef WEIR_TUI_THEME_H
#define WEIR_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDERLINE = 4, LOOK_REVERSE = 8 };

enum style {
#define STYLE(id, dark, light, low, attributes, use) id,
#include "tui/theme.def"
#undef STYLE
    STYLES,
    STYLE_REVERSED = 0x80 /* or-ed: the cursor's row, the selected box */
};

enum theme_kind { THEME_AUTO, THEME_DARK, THEME_LIGHT, THEME_MONO };

struct look {
    int colour;          /* of the foreground, -1: the terminal's own */
    unsigned attributes; /* LOOK_… */
};

/* AUTO becomes LIGHT where COLORFGBG says that the background is light, else DARK; MONO when NO_COLOR is set. */
enum theme_kind theme_resolve(enum theme_kind wanted);
/* The look of a style on a terminal with that many colours (below 8: none). */
struct look theme_look(enum theme_kind kind, int colours, enum style style);
/* The style of a share of 0 to 1 in a heat map. */
enum style theme_heat(double share);

#endif
