/* Statements as they are typed: whether they are whole, and how words may go on. */
#ifndef WEIR_CLI_SQL_WORDS_H
#define WEIR_CLI_SQL_WORDS_H

#include "sql/catalog.h"

/* It ends with a semicolon that is neither in quotes nor in a remark, and not inside of a statement set. */
bool sql_is_whole(struct bytes text);
/* The i-th word: tables and their columns, functions, keywords. NULL behind the last. Names that need quotes are left out. */
const char *sql_word(const struct catalog *c, size_t i);

#endif
