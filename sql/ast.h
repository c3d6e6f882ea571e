/* SQL as a tree. Every node has the same struct: a kind, its kids by place, a text and a word; so printing, comparing and walking are
 * one function each. What a kind's kids are stands in the list below; a kid in [brackets] may be NULL.
 *
 * Everything lives in the arena of the parser. Levels are at most AST_MAX_DEPTH, so whoever recurses over a tree needs no limit. */
#ifndef WEIR_SQL_AST_H
#define WEIR_SQL_AST_H

#include "sql/text.h"
#include "sql/types.h"

enum { AST_MAX_DEPTH = 200 };

enum ast_kind {
    /* --- expressions --- */
    AST_NULL,
    AST_BOOL,     /* text: TRUE, FALSE, UNKNOWN */
    AST_NUMBER,   /* text: as written */
    AST_TEXT,     /* text, n_text */
    AST_BINARY,   /* text: digits */
    AST_TIME,     /* word: DATE, TIME, TIMESTAMP; text */
    AST_INTERVAL, /* text; word: "DAY(2) TO SECOND(3)"; flag: with a minus in front */
    AST_PART,     /* text: one name */
    AST_NAME,     /* parts */
    AST_STAR,     /* parts in front of the star, if any */
    AST_DEFAULT,
    AST_WORD, /* text: a keyword that is an argument, in capitals */
    AST_CALL, /* name, [list of arguments: NULL when there are no parentheses], [FILTER's condition], [list of WITHIN GROUP's order],
                      [OVER's window or name]; word: DISTINCT; text: IGNORE NULLS, RESPECT NULLS */
    AST_ARGUMENT,   /* text => kid */
    AST_OP,         /* text: the operator, in capitals; operands. AND and OR have two or more. */
    AST_CASE,       /* [operand], [else], when, then, when, then …; a when of several values is a list */
    AST_CAST,       /* word: CAST, TRY_CAST; kid; type */
    AST_ROW,        /* values; ROW(…) and (…, …) */
    AST_ARRAY,      /* values */
    AST_MAP,        /* key, value, key, value … */
    AST_ITEM,       /* kid[kid] */
    AST_FIELD,      /* kid.text, where the kid is no name */
    AST_UNIT_CALL,  /* text: EXTRACT, FLOOR, CEIL, TIMESTAMPADD, TIMESTAMPDIFF; word: the unit; arguments */
    AST_TRIM,       /* word: BOTH, LEADING, TRAILING; [characters], value */
    AST_JSON,       /* text: the function; arguments (JSON_OBJECT's are AST_PAIR), then AST_CLAUSE */
    AST_CLAUSE,     /* text: "NULL ON EMPTY", "DEFAULT ON ERROR", "RETURNING" …; [default]; type */
    AST_PAIR,       /* kid, kid: KEY VALUE of JSON_OBJECT, 'k' = 'v' of WITH and hints */
    AST_LIST,       /* what stands in parentheses */
    AST_SUBQUERY,   /* a query as a value, or behind IN and EXISTS */
    AST_TABLE_ARG,  /* TABLE x as an argument: name or query, [list of PARTITION BY], [list of ORDER BY] */
    AST_DESCRIPTOR, /* names */
    /* --- queries --- */
    AST_SELECT, /* [hints], list of items, [from], [where], [list of group items], [having], [list of named windows]; word: DISTINCT */
    AST_SET_OP,       /* text: "UNION ALL" …; query, query */
    AST_VALUES,       /* AST_ROW … */
    AST_ORDER,        /* query, [list of AST_SORT], [offset], [fetch] */
    AST_WITH,         /* list of AST_CTE, query */
    AST_CTE,          /* text; [list of columns], query */
    AST_SORT,         /* kid; word: "ASC", "DESC", with "NULLS FIRST" or "NULLS LAST" as text */
    AST_AS,           /* text: alias; kid, [list of columns] */
    AST_WINDOW,       /* text: [base's name]; [list of PARTITION BY], [list of ORDER BY], [frame] */
    AST_FRAME,        /* word: ROWS, RANGE; bound, [bound] */
    AST_BOUND,        /* text: "UNBOUNDED PRECEDING", "CURRENT ROW", "PRECEDING" …; [distance] */
    AST_NAMED_WINDOW, /* text; window */
    AST_GROUPING,     /* word: ROLLUP, CUBE, GROUPING SETS; items */
    AST_TABLE,        /* name, [hints] */
    AST_SNAPSHOT,     /* table, time: FOR SYSTEM_TIME AS OF */
    AST_JOIN,         /* text: INNER, LEFT, RIGHT, FULL, CROSS, COMMA; word: NATURAL; left, right, [on], [list of using] */
    AST_LATERAL,      /* kid */
    AST_TABLE_FN,     /* call, word: TABLE when written as TABLE(…) */
    AST_UNNEST,       /* values; flag: WITH ORDINALITY */
    AST_MATCH,        /* table, [partition], [order], [measures: AST_AS], [pattern], [within], [subsets], [defines: AST_AS];
                         word: ONE ROW, ALL ROWS, text: AFTER MATCH … */
    AST_PATTERN,      /* text: "", "|", "PERMUTE", or a quantifier "*", "{2,3}?" …; parts */
    AST_HINTS,        /* AST_HINT … */
    AST_HINT,         /* text; arguments: AST_PART, AST_TEXT, AST_NUMBER, AST_PAIR */
    /* --- statements --- */
    AST_CREATE_TABLE, /* name, [list of columns, keys, watermarks], [comment], [distribution], [list of partition columns],
                         [list of options], [like], [query]; word: TEMPORARY; flag: IF NOT EXISTS */
    AST_COLUMN,       /* text; word: NULL, METADATA, VIRTUAL (metadata), AS; type; [expression], [metadata key], [comment];
                         flag: PRIMARY KEY */
    AST_KEY,          /* text: constraint's name or NULL; parts */
    AST_WATERMARK,    /* name, expression */
    AST_DISTRIBUTION, /* word: [HASH, RANGE]; [list of columns], [number] */
    AST_LIKE,         /* name, list of AST_WORD ("EXCLUDING OPTIONS") */
    AST_CREATE_VIEW,  /* name, [list of columns], [comment], query; word: TEMPORARY; flag: IF NOT EXISTS */
    AST_CREATE_OTHER, /* word: FUNCTION, MODEL, CATALOG, DATABASE …; text, n_text: all of it as written (not printed anew) */
    AST_DROP,         /* word: TABLE, VIEW …; name; flag: IF EXISTS */
    AST_USE,          /* word: CATALOG or NULL; name */
    AST_INSERT, /* word: INTO, OVERWRITE; text: ON CONFLICT's word or NULL; name, [list of columns], [list of static partitions],
                         query, [hints] */
    AST_STATEMENT_SET, /* inserts */
    AST_SET,           /* [key], [value]: AST_TEXT */
    AST_RESET,         /* [key] */
    AST_EXPLAIN,       /* [list of AST_WORD], statement */
    AST_SHOW,          /* text: "TABLES", "CREATE TABLE" …; [name] */
    AST_DESCRIBE,      /* name */
    AST_COMPILE_PLAN,  /* file: AST_TEXT, statement; flag: IF NOT EXISTS; word: AND EXECUTE or NULL */
    AST_EXECUTE_PLAN   /* file */
};

struct ast {
    enum ast_kind kind;
    bool flag;
    uint8_t depth; /* levels below, 0 for a leaf */
    struct place at;
    const char *text, *word;
    uint32_t n_text;
    uint32_t n;
    struct ast **kids;
    const struct ltype *type;
};

static inline struct ast *ast_kid(const struct ast *x, uint32_t i) { return i < x->n ? x->kids[i] : NULL; }
/* A query rather than a value or a table. */
bool ast_is_query(const struct ast *x);
/* The same tree; places are not looked at. */
bool ast_same(const struct ast *a, const struct ast *b);
/* The tree as SQL on one line; reading it gives the same tree. */
void ast_print(const struct ast *x, struct buf *to);

#endif
