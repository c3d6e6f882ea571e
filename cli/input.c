#include "cli/input.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/lazy.h"
#include "base/term.h"
#include "cli/edit_lib.h"

enum { KEPT = 1000, LISTED = 60 };

struct edit_lib edit;

bool edit_lib_load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {#name, &edit.name},
        EDIT_LIB(F)
#undef F
    };
    return lazy_load(WEIR_EDIT_SONAME, "libedit2", symbols, sizeof symbols / sizeof *symbols, e);
}

struct input {
    EditLine *el; /* NULL: no terminal */
    History *history;
    const char *ask;
    char *file;
    bool dropped;
    input_word *words;
    void *ctx;
};

static struct input *asking; /* there is one terminal */
static EditLine *volatile terminal;

static char *ask_text(EditLine *el)
{
    (void)el;
    return (char *)(uintptr_t)asking->ask;
}

/* Ctrl-C. */
static unsigned char drop_line(EditLine *el, int c)
{
    (void)el;
    (void)c;
    asking->dropped = true;
    fputs("^C\n", stdout);
    return CC_NEWLINE;
}

/* --- completion --- */

static bool in_word(char c)
{
    return c == '_' || c == '\\' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80;
}

struct candidates {
    size_t n;
    const char *list[LISTED];
    const char *first;
    size_t common; /* bytes that all of them begin with */
};

static void gather(struct candidates *to, const char *word, size_t n)
{
    const char *w;
    for (size_t i = 0; (w = asking->words(asking->ctx, i)) != NULL; i++) {
        if (strncasecmp(w, word, n) != 0)
            continue;
        size_t same = 0;
        while (to->first && w[same] && same < to->common && (w[same] | 32) == (to->first[same] | 32))
            same++;
        to->common = to->first ? same : strlen(w);
        to->first = to->first ? to->first : w;
        if (to->n < LISTED)
            to->list[to->n] = w;
        to->n++;
    }
}

static void show(const struct candidates *c)
{
    struct buf b = {0};
    buf_putc(&b, '\n');
    for (size_t i = 0; i < c->n && i < LISTED; i++) {
        buf_puts(&b, i ? "  " : "");
        term_escape(&b, c->list[i], strlen(c->list[i]));
    }
    buf_puts(&b, c->n > LISTED ? "  …\n" : "\n");
    fwrite(b.p, 1, b.n, stdout);
    buf_free(&b);
}

/* The rest of the word, in capitals or not as its beginning is. */
static void insert(EditLine *el, const struct candidates *c, const char *word, size_t n)
{
    struct buf b = {0};
    bool small = n && word[n - 1] >= 'a' && word[n - 1] <= 'z', capital = c->first[0] >= 'A' && c->first[0] <= 'Z';
    for (size_t i = n; i < c->common; i++)
        buf_putc(&b, (uint8_t)(small && capital && c->first[i] >= 'A' && c->first[i] <= 'Z' ? c->first[i] | 32 : c->first[i]));
    if (b.n)
        edit.el_insertstr(el, buf_cstr(&b));
    buf_free(&b);
}

static unsigned char complete(EditLine *el, int key)
{
    const LineInfo *l = edit.el_line(el);
    const char *from = l->cursor;
    struct candidates c = {0};
    (void)key;
    while (from > l->buffer && in_word(from[-1]))
        from--;
    size_t n = (size_t)(l->cursor - from);
    if (!n)
        return CC_ERROR;
    gather(&c, from, n);
    if (!c.n)
        return CC_ERROR;
    if (c.n > 1 && c.common == n) {
        show(&c);
        return CC_REDISPLAY;
    }
    insert(el, &c, from, n);
    return CC_REFRESH;
}

/* --- */

static bool open_terminal(struct input *p, struct err *e)
{
    HistEvent ev;
    if (!edit_lib_load(e))
        return false;
    p->el = edit.el_init("weir", stdin, stdout, stderr);
    p->history = edit.history_init();
    if (!p->el || !p->history)
        return err_set(e, ERR_IO, "there is no editing on this terminal");
    asking = p;
    edit.history(p->history, &ev, H_SETSIZE, KEPT);
    edit.history(p->history, &ev, H_SETUNIQUE, 1);
    if (p->file)
        edit.history(p->history, &ev, H_LOAD, p->file);
    edit.el_set(p->el, EL_PROMPT, ask_text);
    edit.el_set(p->el, EL_EDITOR, "emacs");
    edit.el_set(p->el, EL_HIST, edit.history, p->history);
    edit.el_set(p->el, EL_ADDFN, "weir-complete", "complete a word", complete);
    edit.el_set(p->el, EL_ADDFN, "weir-drop", "drop the line", drop_line);
    edit.el_set(p->el, EL_BIND, "^I", "weir-complete", NULL);
    edit.el_set(p->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    edit.el_set(p->el, EL_SETTY, "-d", "-isig", NULL); /* Ctrl-C is a key while a line is edited */
    edit.el_set(p->el, EL_BIND, "^C", "weir-drop", NULL);
    return true;
}

struct input *input_open(bool tty, const char *history, input_word *words, void *ctx, struct err *e)
{
    struct input *p = mem_zalloc(sizeof *p);
    p->words = words;
    p->ctx = ctx;
    p->file = history ? mem_strdup(history) : NULL;
    if (!tty || open_terminal(p, e))
        return p;
    input_close(p);
    return NULL;
}

/* The directory above, and those above it. */
static void make_directories(const char *file)
{
    struct buf b = {0};
    for (const char *c = file; *c; c++) {
        if (*c == '/' && b.n)
            mkdir(buf_cstr(&b), 0700);
        buf_putc(&b, (uint8_t)*c);
    }
    buf_free(&b);
}

void input_close(struct input *p)
{
    HistEvent ev;
    if (!p)
        return;
    if (p->history && p->file) {
        make_directories(p->file);
        mode_t before = umask(077);
        edit.history(p->history, &ev, H_SAVE, p->file);
        umask(before);
    }
    if (p->history)
        edit.history_end(p->history);
    terminal = p->el; /* el_end would lose what el_set(EL_ADDFN) has taken; between two lines the terminal is as it was */
    asking = NULL;
    free(p->file);
    free(p);
}

static enum input_end read_plain(struct buf *line, struct err *e)
{
    char *text = NULL;
    size_t cap = 0;
    ssize_t n = getline(&text, &cap, stdin);
    if (n > 0)
        buf_put(line, text, (size_t)n - (text[n - 1] == '\n'));
    free(text);
    if (n < 0 && ferror(stdin))
        err_set(e, ERR_IO, "standard input cannot be read");
    return n < 0 ? INPUT_EOF : INPUT_LINE;
}

enum input_end input_read(struct input *p, const char *ask, struct buf *line, struct err *e)
{
    int n = 0;
    line->n = 0;
    if (!p->el)
        return read_plain(line, e);
    p->ask = ask;
    p->dropped = false;
    const char *text = edit.el_gets(p->el, &n);
    if (p->dropped)
        return INPUT_DROPPED;
    if (!text || n <= 0)
        return INPUT_EOF;
    buf_put(line, text, (size_t)n - (text[n - 1] == '\n'));
    return INPUT_LINE;
}

void input_remember(struct input *p, const char *text)
{
    HistEvent ev;
    struct buf b = {0};
    for (; *text; text++)
        buf_putc(&b, (uint8_t)(*text == '\n' ? ' ' : *text));
    if (p->history && b.n)
        edit.history(p->history, &ev, H_ENTER, buf_cstr(&b));
    buf_free(&b);
}
