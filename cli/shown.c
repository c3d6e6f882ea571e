#include "cli/shown.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/table.h"
#include "cli/out.h"
#include "sql/show.h"

static void put_ndjson(const struct show *s, struct buf *to)
{
    for (uint32_t r = 0; r < s->n_rows; r++) {
        struct jsonw w = {.out = to};
        jsonw_object(&w);
        for (uint32_t c = 0; c < s->n_columns; c++)
            jsonw_member_str(&w, s->columns[c], s->cells[(size_t)r * s->n_columns + c]);
        jsonw_end_object(&w);
        buf_putc(to, '\n');
    }
}

static void put_text(const struct show *s, struct buf *to)
{
    struct buf text = {0};
    buf_puts(&text, s->cells[0]);
    out_lines(to, &text);
    buf_free(&text);
}

static void put_table(const struct show *s, const struct cli *cli, struct buf *to)
{
    struct table t;
    struct table_col *cols = mem_zalloc((s->n_columns + 1) * sizeof *cols);
    for (uint32_t c = 0; c < s->n_columns; c++)
        cols[c].title = s->columns[c];
    table_start(&t, cols, s->n_columns);
    for (uint32_t i = 0; i < s->n_rows * s->n_columns; i++)
        table_cell(&t, s->cells[i]);
    table_print(&t, to, cli->width, cli->colour);
    if (!s->n_rows)
        buf_puts(to, "none\n");
    table_free(&t);
    free(cols);
}

void shown_put(const struct show *s, bool ndjson, const struct cli *cli, struct buf *to)
{
    if (ndjson)
        put_ndjson(s, to);
    else if (s->text)
        put_text(s, to);
    else
        put_table(s, cli, to);
}
