#include "tests/sql/reasons.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool reasons_known(struct reasons *r, const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    buf_putc(&r->known, '\n');
    for (size_t got = 1; got;) {
        buf_reserve(&r->known, 1 << 16);
        got = fread(r->known.p + r->known.n, 1, 1 << 16, f);
        r->known.n += got;
    }
    fclose(f);
    return true;
}

static bool listed(struct reasons *r, const char *id)
{
    char line[256];
    snprintf(line, sizeof line, "\n%s ", id);
    return strstr(buf_cstr(&r->known), line);
}

void reason_add(struct reasons *r, const char *id, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (r->verbose)
        printf("%s: %s\n", id, text);
    r->differ++;
    if (r->known.n && !listed(r, id)) {
        r->unlisted++;
        printf("not listed: %s: %s\n", id, text);
    }
    for (unsigned i = 0; i < r->n; i++)
        if (!strcmp(r->all[i].text, text)) {
            r->all[i].n++;
            return;
        }
    r->all = mem_grow(r->all, r->n + 1, sizeof *r->all);
    r->all[r->n++] = (struct reason){mem_strdup(text), 1, mem_strdup(id)};
}

void reason_detail(struct reasons *r, const char *fmt, ...)
{
    if (!r->verbose)
        return;
    va_list args;
    va_start(args, fmt);
    printf("    ");
    vprintf(fmt, args);
    putchar('\n');
    va_end(args);
}

const char *reason_function(const char *expr)
{
    static char name[64];
    size_t n = 0;
    while (n < sizeof name - 1 && (isalnum((unsigned char)expr[n]) || expr[n] == '_'))
        n++;
    if (!n || expr[n] != '(')
        return "an operator";
    memcpy(name, expr, n);
    name[n] = 0;
    return name;
}

static int by_count(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->text, y->text);
}

bool reasons_print(struct reasons *r, const char *what, unsigned goal)
{
    unsigned all = r->agree + r->differ;
    if (r->n)
        qsort(r->all, r->n, sizeof *r->all, by_count);
    for (unsigned i = 0; i < r->n; i++) {
        printf("%5u  %s  (%s)\n", r->all[i].n, r->all[i].text, r->all[i].first);
        free(r->all[i].text);
        free(r->all[i].first);
    }
    free(r->all);
    printf("%s: %u of %u agree (%.2f %%); %u set apart\n", what, r->agree, all, all ? 100.0 * r->agree / all : 0, r->apart);
    buf_free(&r->known);
    return all && !r->unlisted && (uint64_t)r->agree * 100 >= (uint64_t)all * goal;
}

int reasons_options(struct reasons *r, int argc, char **argv, unsigned *goal)
{
    int from = 1;
    for (; from < argc && argv[from][0] == '-'; from++) {
        if (!strcmp(argv[from], "-v")) {
            r->verbose = true;
        } else if (!strcmp(argv[from], "-g") && from + 1 < argc) {
            *goal = (unsigned)atoi(argv[++from]);
        } else if (!strcmp(argv[from], "-k") && from + 1 < argc && !reasons_known(r, argv[++from])) {
            perror(argv[from]);
            exit(2);
        }
    }
    return from;
}
