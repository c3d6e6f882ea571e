/* What `extra` of a struct ser points to, row by row: facts of a snapshot that its tree alone does not hold. For the codecs (reading,
 * encoding, writing snapshots) and for whoever compares or changes serializers (ser_write.h). */
#ifndef WEIR_SAVEPOINT_SER_FACTS_H
#define WEIR_SAVEPOINT_SER_FACTS_H

#include "savepoint/rowdata.h"
#include "savepoint/ser.h"

struct avro;
struct told;

/* Enum, ScalaEnum */
struct enum_facts {
    uint32_t n;
    const char **names;
    int32_t *ids; /* ScalaEnum: what a value holds; NULL: the position */
};

/* POJO */
struct pojo_subclass {
    const char *cls;
    struct ser *ser; /* without `row` when the snapshot does not say */
};
struct pojo_facts {
    size_t class_len, *name_len;
    const char **declaring;         /* each field's class; NULL where the snapshot's class has the field no more */
    uint32_t n_registered, n_other; /* the place in registered is the tag in the values; the others stand by their names */
    struct pojo_subclass *registered, *other;
    const struct told *told; /* who may know of subclasses that the snapshot does not describe; or NULL */
    bool flink2;             /* of what such values are */
};

/* Row, TwoPhaseCommitState, NFAState, LinkedList: NULL for false */
extern const bool ser_yes;

/* Avro */
struct avro_facts {
    const struct avro *schema; /* NULL when it cannot be read */
    const char *json;          /* or NULL */
    bool specific;             /* not a GenericRecord: logical types are Java objects */
};

/* Kryo: a class whose serializer is in the snapshot as an object of Flink 1's wrapper, ExecutionConfig$SerializableSerializer, which is no
 * class of Flink 2; NULL: there is none, or s is not of Kryo. */
const char *kryo_object_of_flink1(const struct ser *s);

/* RowData, ArrayData, MapData: types, and the Java objects that stand for them in the snapshot as they were read (n = 0: made anew from
 * the type); behind them, in ArrayData and MapData, an object of a serializer for each type. */
struct rowdata_facts {
    struct ltypes types;
    struct bytes *objects, *serializers;
};

/* SortedMap: its comparator; External: its DataType; RowDataKey: generated equaliser and hash function, length in front: Java objects
 * as they were read. internal: External's flag. */
struct object_facts {
    struct bytes objects;
    bool internal;
};

#endif
