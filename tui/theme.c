#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    int16_t dark, light, low;
    uint8_t attributes;
} styles[] = {
#define STYLE(id, dark, light, low, attributes, use) {dark, light, low, attributes},
#include "tui/theme.def"
#undef STYLE
};

enum theme_kind theme_resolve(enum theme_kind wanted)
{
    const char *no = getenv("NO_COLOR"), *ground = getenv("COLORFGBG");
    if (no && *no)
        return THEME_MONO;
    if (wanted != THEME_AUTO)
        return wanted;
    const char *last = ground ? strrchr(ground, ';') : NULL;
    int n = last ? atoi(last + 1) : 0;
    return n == 7 || (n > 8 && n < 16) ? THEME_LIGHT : THEME_DARK;
}

struct look theme_look(enum theme_kind kind, int colours, enum style style)
{
    unsigned s = (unsigned)style & ~(unsigned)STYLE_REVERSED;
    struct look look = {-1, styles[s].attributes};
    if (kind != THEME_MONO && colours >= 256)
        look.colour = kind == THEME_LIGHT ? styles[s].light : styles[s].dark;
    else if (kind != THEME_MONO && colours >= 8)
        look.colour = styles[s].low;
    if (look.colour >= 0)
        look.attributes &= ~(unsigned)LOOK_DIM;
    if ((unsigned)style & STYLE_REVERSED)
        look.attributes |= LOOK_REVERSE;
    return look;
}

enum style theme_heat(double share)
{
    enum { STEPS = ST_HEAT7 - ST_HEAT0 + 1 };
    int step = share >= 1 ? STEPS - 1 : share > 0 ? (int)(share * STEPS) : 0;
    return (enum style)(ST_HEAT0 + step);
}
