/* Types of values as paths and expressions see them, whatever describes them: a serializer, a logical type of Flink SQL, an Avro
 * schema. And where the parts of such a value are (savepoint/value.h). */
#ifndef WEIR_MIGRATE_TYPING_H
#define WEIR_MIGRATE_TYPING_H

#include "savepoint/avro_schema.h"
#include "savepoint/logical_type.h"
#include "savepoint/ser.h"
#include "savepoint/value.h"

struct typing {
    enum typing_of { TYPING_NONE, TYPING_SER, TYPING_LOGICAL, TYPING_AVRO } of; /* NONE: nothing is known */
    union {
        const struct ser *ser;
        const struct ltype *logical;
        const struct avro *avro;
    };
};

/* What can be done with a value. */
enum typing_class {
    CLASS_ANY, /* not known: the value itself tells */
    CLASS_NULL,
    CLASS_BOOL,
    CLASS_INT,
    CLASS_REAL,
    CLASS_DECIMAL, /* VAL_TEXT: digits */
    CLASS_TEXT,
    CLASS_DATE, /* VAL_TEXT, as are the next three */
    CLASS_TIME,
    CLASS_TIMESTAMP, /* without a zone */
    CLASS_INSTANT,
    CLASS_BYTES,
    CLASS_LIST,
    CLASS_MAP,
    CLASS_STRUCT
};
const char *typing_class_name(enum typing_class c); /* "number", … for messages */

static inline struct typing typing_ser(const struct ser *s)
{
    return s ? (struct typing){.of = TYPING_SER, .ser = s} : (struct typing){0};
}
/* Wrappers that values do not show are looked through: Nullable, Avro's serializer, an Avro union with null. */
struct typing typing_bare(struct typing t);
enum typing_class typing_class(struct typing t);
/* Parts: fields of a struct, the item of a list, key and value of a map. */
uint32_t typing_fields(struct typing t);
/* The field's name; f0, f1, … where it has none, written into `made`. */
const char *typing_field_name(struct typing t, uint32_t i, char made[16]);
bool typing_find(struct typing t, const char *name, uint32_t *i);
struct typing typing_field(struct typing t, uint32_t i);
struct typing typing_item(struct typing t);
/* The value of a field; NULL where the value has none (it is null, or of another form). */
struct value *typing_member(struct typing t, const struct value *v, uint32_t i);
/* As people write it: "ROW<INT, STRING>", "Tuple2<Long, String>". */
void typing_text(struct typing t, struct buf *b);

#endif
