/* The tables and views that a script has made so far, and its settings: what SQL's names mean. One catalog and one database, as Flink has
 * them before anybody creates others.
 *
 * Everything lives in the catalog's arena. Faults have a place in the script (sql_fault). */
#ifndef WEIR_SQL_CATALOG_H
#define WEIR_SQL_CATALOG_H

#include "sql/ast.h"
#include "sql/plan.h"

struct table {
    struct cplan_table t; /* as plans have it; its computed columns are bound */
    const char **texts;   /* of computed columns, as Flink writes them; else NULL */
    int watermark;        /* the column; -1: none */
    const struct rex *watermark_rex;
    const char *watermark_text;
    const struct ast *view; /* a view's query, then nothing above but the names of its columns */
    const char **names;     /* of a view's columns, or NULL */
    uint32_t n_names;
    const char *key_name; /* of the primary key */
};

struct catalog {
    struct arena *a;
    struct sql_text *text; /* of the statement that is looked at */
    uint32_t n, cap;
    struct table *tables;
    uint32_t n_config, cap_config;
    const char **config_names, **config_values;
};

void catalog_init(struct catalog *c, struct arena *a, struct sql_text *text);
void catalog_free(struct catalog *c);

/* CREATE and DROP of tables and views, SET, RESET. False: e says why, or that weir does not know the statement (ERR_UNSUPPORTED). */
bool catalog_do(struct catalog *c, const struct ast *statement, struct err *e);
/* What a name of one to three parts means; NULL without an error: nothing. */
const struct table *catalog_find(const struct catalog *c, const struct ast *name);
/* The same with the fault that there is none. */
const struct table *catalog_need(const struct catalog *c, const struct ast *name, struct err *e);
void catalog_set(struct catalog *c, const char *name, const char *value);
const char *catalog_config(const struct catalog *c, const char *name, const char *otherwise);

/* "table" of a scan or sink in a plan. */
struct value catalog_table_json(struct arena *a, const struct table *t);
/* Tables of a compiled plan that have no options, or nothing but a name, get them from the tables of the same name. */
void catalog_complete(const struct catalog *c, struct arena *a, struct value *plan);

#endif
