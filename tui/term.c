#include "tui/term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/term.h"

static struct {
    SCREEN *curses;
    struct grid shown; /* what the terminal shows */
    bool fresh;        /* nothing is known about it */
    bool ascii, console, mouse;
    struct rect click;
    pthread_mutex_t painting;
    atomic_bool given_back;
    struct termios before;
    char farewell[256]; /* what brings a terminal back, for a moment in which curses cannot be asked */
    size_t farewell_n;
} it = {.painting = PTHREAD_MUTEX_INITIALIZER};

bool screen_locale_utf8(void)
{
    setlocale(LC_CTYPE, "");
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* --- giving it back --- */

/* A capability without its pauses ("$<2>"), which would be printed: nothing waits at such a moment. */
static void add_farewell(const char *s)
{
    while (s && s != (char *)-1 && *s) {
        size_t pause = !strncmp(s, "$<", 2) ? strcspn(s, ">") : 0;
        if (pause && s[pause]) {
            s += pause + 1;
            continue;
        }
        if (it.farewell_n < sizeof it.farewell)
            it.farewell[it.farewell_n++] = *s;
        s++;
    }
}

/* The mouse may have been taken meanwhile; curses gives it back with XM, or as xterm does. */
static void prepare_farewell(void)
{
    it.farewell_n = 0;
    const char *mouse = tigetstr("XM"), *events = tigetstr("kmous");
    if (mouse && mouse != (char *)-1)
        add_farewell(tiparm(mouse, 0));
    else if (events && events != (char *)-1)
        add_farewell("\033[?1000l");
    static const char *const capabilities[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        add_farewell(tigetstr(capabilities[i]));
}

static void give_back(void)
{
    if (atomic_exchange(&it.given_back, true))
        return;
    ssize_t n = write(STDOUT_FILENO, it.farewell, it.farewell_n);
    (void)n; /* there is nobody left to tell */
    tcsetattr(STDIN_FILENO, TCSANOW, &it.before);
}

void screen_rescue(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++; /* a terminal that is stopped by ^S must not hold the end up */
    bool mine = !pthread_mutex_timedlock(&it.painting, &until);
    give_back();
    if (mine)
        pthread_mutex_unlock(&it.painting);
}

static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
enum { N_DEADLY = sizeof deadly / sizeof *deadly };
static struct sigaction before[N_DEADLY];

/* The handler of before (or none) sees the fault again as soon as this one returns; a signal that was sent is sent on. */
static void on_death(int sig, siginfo_t *info, void *context)
{
    (void)context;
    give_back();
    for (int i = 0; i < N_DEADLY; i++)
        if (deadly[i] == sig)
            sigaction(sig, &before[i], NULL);
    if (info->si_code <= 0)
        raise(sig);
}

static void catch_death(void)
{
    struct sigaction a = {.sa_sigaction = on_death, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&a.sa_mask);
    for (int i = 0; i < N_DEADLY; i++)
        sigaction(deadly[i], &a, &before[i]);
}

/* --- taking it --- */

/* A colour of the 256 as red, green, blue, for terminals whose colours are those. */
static int rgb_of(int colour)
{
    static const int low[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
                                0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    if (colour < 16)
        return low[colour];
    if (colour >= 232)
        return (8 + (colour - 232) * 10) * 0x010101;
    colour -= 16;
    return level[colour / 36] << 16 | level[colour / 6 % 6] << 8 | level[colour % 6];
}

static attr_t style_attributes[STYLES * 2]; /* with STYLE_REVERSED in the second half */
static short style_pair[STYLES];

static void prepare_styles(enum theme_kind theme)
{
    int colours = 0;
    bool direct = tigetflag("RGB") > 0;
    if (has_colors() && start_color() == OK && use_default_colors() == OK)
        colours = COLORS;
    for (int s = 0; s < STYLES; s++) {
        struct look look = theme_look(theme, colours, (enum style)s);
        style_pair[s] = 0;
        if (look.colour >= 0 && init_extended_pair(s + 1, direct ? rgb_of(look.colour) : look.colour, -1) == OK)
            style_pair[s] = (short)(s + 1);
        attr_t a = (look.attributes & LOOK_BOLD ? A_BOLD : 0) | (look.attributes & LOOK_DIM ? A_DIM : 0) |
            (look.attributes & LOOK_UNDERLINE ? A_UNDERLINE : 0);
        style_attributes[s] = a;
        style_attributes[STYLES + s] = (a & ~A_DIM) | A_REVERSE;
    }
}

bool screen_open(const struct screen_opts *opts, struct err *e)
{
    const char *name = getenv("TERM");
    if (!term_is(STDIN_FILENO) || !term_is(STDOUT_FILENO))
        return err_set(e, ERR_USAGE, "standard input and output have to be a terminal; --once prints a view without one");
    it.ascii = !screen_locale_utf8() || opts->ascii;
    it.console = name && !strcmp(name, "linux");
    tcgetattr(STDIN_FILENO, &it.before);
    it.curses = newterm(NULL, stdout, stdin);
    if (!it.curses)
        return err_set(e, ERR_USAGE, "nothing is known about the terminal '%s'; set TERM, or use --once", name ? name : "");
    const char *cup = tigetstr("cup");
    if (!cup || cup == (char *)-1) {
        endwin();
        delscreen(it.curses);
        it.curses = NULL;
        return err_set(e, ERR_USAGE, "the terminal '%s' cannot place its cursor; --once prints a view without that",
                       name ? name : "");
    }
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, TRUE);
    curs_set(0);
    set_escdelay(25);
    mouseinterval(0);
    screen_mouse(opts->mouse);
    prepare_styles(theme_resolve(opts->theme));
    atomic_store(&it.given_back, false);
    prepare_farewell();
    catch_death();
    it.fresh = true;
    return true;
}

void screen_close(void)
{
    for (int i = 0; i < N_DEADLY; i++)
        sigaction(deadly[i], &before[i], NULL);
    pthread_mutex_lock(&it.painting);
    if (!atomic_exchange(&it.given_back, true))
        endwin();
    delscreen(it.curses);
    it.curses = NULL;
    grid_free(&it.shown);
    pthread_mutex_unlock(&it.painting);
}

/* --- showing --- */

void screen_size(int *w, int *h) { getmaxyx(stdscr, *h, *w); }

void screen_forget(void) { it.fresh = true; }

static bool same_row(const struct cell *a, const struct cell *b, int w)
{
    for (int x = 0; x < w; x++)
        if (a[x].code != b[x].code || a[x].mark != b[x].mark || a[x].style != b[x].style || a[x].width != b[x].width)
            return false;
    return true;
}

/* What the Linux console's font has of what views draw. */
static bool on_console(uint32_t code)
{
    return code < 0x100 || (code >= 0x2500 && code < 0x2580) || code == 0x2588 || code == 0x2584 ||
        (code >= 0x2591 && code <= 0x2593);
}

static void add_cell(int x, int y, const struct cell *c)
{
    uint32_t code = it.ascii || (it.console && !on_console(c->code)) ? cell_ascii(c->code) : c->code;
    wchar_t text[3] = {(wchar_t)code, it.ascii || it.console ? 0 : (wchar_t)c->mark, 0};
    unsigned s = c->style & ~(unsigned)STYLE_REVERSED;
    bool reversed = c->style & STYLE_REVERSED;
    cchar_t cc;
    setcchar(&cc, text, style_attributes[(reversed ? (unsigned)STYLES : 0) + s], style_pair[s], NULL);
    mvadd_wch(y, x, &cc);
    if (c->width == 2 && code != c->code)
        mvadd_wch(y, x + 1, &cc);
}

void screen_show(const struct grid *g)
{
    pthread_mutex_lock(&it.painting);
    if (atomic_load(&it.given_back)) {
        pthread_mutex_unlock(&it.painting);
        return;
    }
    bool all = it.fresh || it.shown.w != g->w || it.shown.h != g->h;
    if (all) {
        grid_size(&it.shown, g->w, g->h);
        clearok(stdscr, TRUE);
        erase();
    }
    for (int y = 0; y < g->h; y++) {
        const struct cell *row = &g->cell[(size_t)y * (size_t)g->w];
        struct cell *old = &it.shown.cell[(size_t)y * (size_t)g->w];
        if (!all && same_row(row, old, g->w))
            continue;
        for (int x = 0; x < g->w; x++)
            if (row[x].width)
                add_cell(x, y, &row[x]);
        memcpy(old, row, sizeof *row * (size_t)g->w);
    }
    it.fresh = false;
    refresh();
    pthread_mutex_unlock(&it.painting);
}

/* --- keys --- */

struct rect screen_click(void) { return it.click; }

void screen_mouse(bool on)
{
    it.mouse = on;
    mousemask(on ? BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

bool screen_has_mouse(void) { return it.mouse; }

static int mouse_key(void)
{
    MEVENT m;
    if (getmouse(&m) != OK)
        return KEY_NOTHING;
    it.click = (struct rect){m.x, m.y, 1, 1};
    return m.bstate & BUTTON4_PRESSED ? KEY_WHEEL_UP : m.bstate & BUTTON5_PRESSED ? KEY_WHEEL_DOWN : KEY_CLICK;
}

static int special(wint_t code)
{
    switch (code) {
    case KEY_UP:
        return KEY_ARROW_UP;
    case KEY_DOWN:
        return KEY_ARROW_DOWN;
    case KEY_LEFT:
        return KEY_ARROW_LEFT;
    case KEY_RIGHT:
        return KEY_ARROW_RIGHT;
    case KEY_PPAGE:
        return KEY_PAGE_UP;
    case KEY_NPAGE:
        return KEY_PAGE_DOWN;
    case KEY_HOME:
        return KEY_TO_HOME;
    case KEY_END:
        return KEY_TO_END;
    case KEY_BTAB:
        return KEY_BACK_TAB;
    case KEY_DC:
        return KEY_DELETE;
    case KEY_BACKSPACE:
        return KEY_ERASE;
    case KEY_ENTER:
        return KEY_RETURN;
    case KEY_RESIZE:
        return KEY_RESIZED;
    case KEY_MOUSE:
        return mouse_key();
    default:
        return KEY_NOTHING;
    }
}

int screen_next_key(void)
{
    for (;;) {
        wint_t code;
        int how = get_wch(&code);
        if (how == ERR)
            return KEY_NOTHING;
        int key = how == KEY_CODE_YES ? special(code) : code == '\n' ? KEY_RETURN : code == 8 ? KEY_ERASE : (int)code;
        if (key != KEY_NOTHING)
            return key;
    }
}
