/* Types that differ in one place from others: serializers, rows of Flink SQL, Avro schemas. */
#ifndef WEIR_MIGRATE_RETYPE_H
#define WEIR_MIGRATE_RETYPE_H

#include "migrate/expr.h"

enum edit_kind { EDIT_ADD, EDIT_DROP, EDIT_RENAME, EDIT_MOVE, EDIT_TYPE };
/* What is done at the end of a path: with a field of the structure there, or (EDIT_TYPE) with what is there itself. */
struct edit {
    enum edit_kind kind;
    uint32_t i;        /* the field; ADD: where it goes */
    uint32_t to;       /* MOVE */
    const char *name;  /* ADD, RENAME */
    struct type *type; /* ADD, TYPE */
};

/* The serializer with the change where `way` leads from its value; in the arena. NULL: ERR_USAGE with the place in the script, or
 * ERR_UNSUPPORTED. */
struct ser *retype(struct script *s, struct arena *a, const struct ser *root, const struct bound *way, const struct edit *edit,
                   struct place_in where, struct err *e);
/* A serializer, as the words of the language say it: INT is Integer, … */
struct ser *ser_of_type(struct script *s, struct arena *a, const struct type *t, struct err *e);
/* A type of Flink SQL. */
const struct ltype *ltype_of_type(struct script *s, struct arena *a, const struct type *t, struct err *e);
/* An Avro schema with a field changed, as JSON; the path in names of fields, NULL for the items of arrays and maps. NULL: e is set. */
const char *avro_edit(struct script *s, struct arena *a, const char *schema, const char *const *path, uint32_t n,
                      const struct edit *edit, struct place_in where, struct err *e);

#endif
