#include "cli/planfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "runtime/conn.h"
#include "sql/compile.h"

void planfile_put(const struct value *plan, struct buf *to)
{
    struct jsonw w = {.out = to, .pretty = true};
    value_put_json(&w, plan);
    buf_putc(to, '\n');
}

bool planfile_compile(struct planfile *f, struct catalog *c, const struct ast *x, struct err *e)
{
    const struct ast *what = x->kids[1];
    struct value plan;
    if (what->kind != AST_INSERT && what->kind != AST_STATEMENT_SET)
        return sql_fault(c->text, what->at, e, "plans are compiled for INSERT INTO or a statement set");
    if (!compile_inserts(c, &conn_tables, &what, 1, &plan, e))
        return false;
    f->path = x->kids[0]->text;
    f->execute = x->word != NULL;
    f->keep = x->flag || f->execute;
    f->over = !strcasecmp(catalog_config(c, "table.plan.force-recompile", "false"), "true");
    planfile_put(&plan, &f->text);
    return true;
}

bool planfile_save(const char *path, const struct buf *text, bool over, struct err *e)
{
    FILE *f = fopen(path, over ? "we" : "wxe");
    if (!f && errno == EEXIST)
        return err_set(e, ERR_IO, "%s is there already", path);
    if (!f)
        return err_set(e, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
    bool whole = fwrite(text->p, 1, text->n, f) == text->n;
    if (!fclose(f) && whole)
        return true;
    int why = errno;
    unlink(path);
    return err_set(e, ERR_IO, "%s cannot be written: %s", path, strerror(why));
}

bool planfile_write(const struct planfile *f, struct err *e)
{
    if (f->keep && !f->over && !access(f->path, F_OK))
        return true;
    return planfile_save(f->path, &f->text, f->over, e);
}

void planfile_free(struct planfile *f) { buf_free(&f->text); }

bool planfile_read(struct cplan *plan, const char *path, const struct buf *text, const struct catalog *c, struct arena *a,
                   struct err *e)
{
    struct value json;
    if (!value_from_json(&json, (const char *)text->p, text->n, a, e))
        return err_in(e, "%s", path);
    if (c)
        catalog_complete(c, a, &json);
    return cplan_of(plan, a, &json, e) || err_in(e, "%s", path);
}
