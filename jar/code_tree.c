#include "jar/code_tree.h"

#include <string.h>

#include "jar/code_run.h"

/* The method that a lambda ends in: the second static argument of LambdaMetafactory's. */
static uint16_t *lambda_handles(const struct class_code *code, uint32_t *n, struct arena *a)
{
    struct rd r = rd_of(code->bootstrap.p, code->bootstrap.n, 0);
    *n = rd_u16(&r);
    if (*n > rd_left(&r) / 4)
        *n = 0;
    uint16_t *handles = arena_array(a, *n, sizeof *handles);
    for (uint32_t i = 0; i < *n && rd_ok(&r); i++) {
        (void)rd_u16(&r);
        for (uint32_t k = 0, args = rd_u16(&r); k < args && rd_ok(&r); k++) {
            uint16_t arg = rd_u16(&r);
            handles[i] = k == 1 ? arg : handles[i];
        }
    }
    return handles;
}

bool code_class_read(struct code_class *c, struct bytes file, uint32_t *nodes, struct arena *a, struct err *e)
{
    struct class_code code;
    *c = (struct code_class){.complete = true};
    if (!class_file_read(&c->file, file, &code, a, e))
        return false;
    struct code_run run = {.pool = &code.pool, .a = a, .nodes = nodes};
    run.handles = lambda_handles(&code, &run.n_handles, a);
    run.members = arena_array(a, code.pool.n, sizeof *run.members);
    c->methods = arena_array(a, code.n, sizeof *c->methods);
    for (uint32_t i = 0; i < code.n; i++) {
        struct code_method *m = &c->methods[c->n];
        m->method = &c->file.methods[i];
        if (!code.bodies[i].n)
            continue;
        if (code_run(&run, code.bodies[i], m))
            c->n++;
        else
            c->complete = false;
    }
    code_run_free(&run);
    return true;
}
