/* Serializers: what a TypeSerializerSnapshot on disk says, and how to read the values that it describes.
 *
 * One registry, serializers.def: a row a snapshot class, naming the function that reads its values and, where the snapshot has
 * a body of its own, the function that reads the body. Adding a serializer is one row and its functions (codec_*.c).
 *
 * A snapshot that is read becomes a tree of `struct ser` in an arena. It is immutable afterwards and may be shared by threads.
 * A class that has no row makes a node without `row`; the bytes behind it cannot be framed (TypeSerializerSnapshot writes no
 * length), so the reading stops there (`ser_in.lost`) and the caller resumes where it knows a position. */
#ifndef WEIR_SAVEPOINT_SER_H
#define WEIR_SAVEPOINT_SER_H

#include "base/err.h"
#include "base/mem.h"
#include "base/rd.h"
#include "savepoint/sink.h"

struct ser;
struct told;
struct value;

/* Reads one value of s from r and reports it to out (NULL: walk only). */
typedef void ser_read_fn(const struct ser *s, struct rd *r, struct sink *out);

/* A snapshot being read. */
struct ser_in {
    struct rd *r;
    struct arena *a;
    int flink2;              /* metadata version >= 5: Kryo 5 wrote the values; < 0: not known */
    const struct told *told; /* what the user says of classes of his own (told.h); NULL for nothing */
    const char *lost;        /* a class without a row was met: what follows it in r cannot be read */
};

/* Reads the part of a snapshot's body that is the class's own. For composites that is the outer part: s->outer_version is set,
 * s->kids is not yet. Sets what the row needs: s->cls, s->label, s->names, s->extra, s->attrs. */
typedef void ser_body_fn(struct ser_in *in, struct ser *s);
ser_body_fn no_body; /* for rows without */

struct enc;
/* Writes a value of s as Flink's serializer does (encode.h, value_encode.h): the other side of ser_read_fn. */
typedef void ser_write_fn(const struct ser *s, const struct value *v, struct enc *w);
/* Writes what a ser_body_fn reads. ERR_UNSUPPORTED: the tree lacks something that the bytes must have. */
typedef bool ser_put_fn(const struct ser *s, struct buf *to, struct err *e);
ser_put_fn no_put;

enum ser_body {
    BODY_SIMPLE,    /* version 3 empty, version <= 2 a class name that is ignored (SimpleTypeSerializerSnapshot) */
    BODY_COMPOSITE, /* CompositeTypeSerializerSnapshot: envelope, outer part (ser_body_fn or none), nested snapshots */
    BODY_OWN        /* all of it is ser_body_fn's */
};

/* TypeSerializer#getLength as Flink computes it; decides about key suffixes (keyed-state.md, "Ambiguous"). */
enum {
    LEN_VAR = -1,
    LEN_TUPLE = -2 /* sum, variable if any <= 0 */,
    LEN_SUM = -3 /* sum, variable if any < 0 */,
    LEN_INNER = -4 /* first nested */,
    LEN_OWN = -5 /* body function sets it */,
    LEN_TIMER = -6 /* 8 + key + namespace, variable if one of them is */
};

struct ser_row {
    const char *snapshot_class; /* as DataOutput#writeUTF writes it */
    const char *name;           /* for people: "Long", "List", … */
    enum ser_body body;
    ser_body_fn *outer;
    ser_put_fn *put;
    int length;
    ser_read_fn *read;
    ser_write_fn *write;
};

struct ser_attr {
    const char *name, *value;
};

struct ser {
    ser_read_fn *read;         /* never NULL; an unknown class reads as opaque */
    ser_write_fn *write;       /* never NULL */
    const struct ser_row *row; /* NULL: no row for the class */
    const char *snapshot_class;
    int32_t version, outer_version;
    int length;         /* >= 0 fixed, -1 variable; VoidNamespace says 0 and takes one byte, as in Flink */
    uint32_t n;         /* nested serializers */
    struct ser **kids;  /* a kid is NULL where the snapshot is lost or has none */
    const char **names; /* NULL, or the n field names */
    const char *cls;    /* NULL, or the class of the values (POJO, Avro, Kryo, enum, tuple …) */
    const char *label;  /* NULL, or the readable type when the row's name does not say it all: "DECIMAL(10, 2)" */
    const void *extra;  /* the row's own facts (ser_facts.h) */
    uint32_t n_attrs;   /* what `weir schema` shows besides: enum constants, Avro schema, padding … */
    const struct ser_attr *attrs;
    struct bytes
        raw; /* the snapshot as it was read (utf class, i32 version, body), in the bytes that were parsed; of an unknown class
                         the body only where the header's reader has found its end. Empty when it was not read */
};

/* A versioned snapshot (utf class, i32 version, body). NULL only when in->r has failed. The bytes behind in->r outlive the tree
 * wherever somebody wants `raw`. */
struct ser *ser_parse(struct ser_in *in);
/* The same behind the i32 2 of TypeSerializerSnapshotSerializationUtil (keyed backends, test fixtures). */
struct ser *ser_parse_p(struct ser_in *in);
/* The nested serializers of a composite (NestedSerializersSnapshotDelegate) into s->kids. */
void ser_parse_nested(struct ser_in *in, struct ser *s);
/* A utf string into the arena; "" and failed when it does not fit. */
const char *ser_utf(struct ser_in *in);
void ser_add_attr(struct ser_in *in, struct ser *s, const char *name, const char *value);
/* A node for tests and for serializers that are known without a snapshot: by the row's snapshot class. */
struct ser *ser_make(struct arena *a, const char *snapshot_class, uint32_t n, struct ser **kids);

const struct ser_row *ser_find(const char *snapshot_class);
uint32_t ser_rows(const struct ser_row **rows);

/* A node for a serializer that is not known: its values are opaque. */
struct ser *ser_make_unknown(struct arena *a, const char *snapshot_class);

/* True when the node or one below it has no row (some of its values are opaque). Writes the first such class. */
bool ser_unknown(const struct ser *s, const char **class_name);
/* The readable type: "Tuple2<String, Long>", "POJO zoo.Customer", "ROW<INT, VARCHAR>". */
void ser_type(const struct ser *s, struct buf *b);
/* The same type? (class, version-independent structure, names, classes, attributes) */
bool ser_same(const struct ser *a, const struct ser *b);

static inline void ser_read(const struct ser *s, struct rd *r, struct sink *out) { s->read(s, r, out); }

/* Takes the rest of r as one opaque value (class name or NULL, why); null when r has failed or been cut. */
void ser_opaque_rest(struct rd *r, struct sink *out, const char *class_name, const char *why);

#endif
