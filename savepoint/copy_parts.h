/* Pieces of a snapshot that are taken over into another one as they are: for copies, and for migrations of what is around them. */
#ifndef WEIR_SAVEPOINT_COPY_PARTS_H
#define WEIR_SAVEPOINT_COPY_PARTS_H

#include "savepoint/savepoint.h"
#include "savepoint/writer.h"

/* ERR_UNSUPPORTED when metadata of that version cannot hold the state: asynchronous state before 2.0, Kryo's bytes across 2.0. */
bool copy_may_hold(const struct snapshot *s, const struct state_info *info, int32_t version, struct err *e);
/* In what form is the keyed state? One backend holds all of a job's, so the first handle tells; without one, the properties. */
bool copy_form_of(const struct snapshot *s, enum keyed_out_form *form, struct err *e);

/* The bytes behind a handle; none for an empty one. Handles live in the arena. */
bool copy_stream(const struct snapshot *s, const struct out_place *place, const struct meta_stream *h, struct meta_stream *to,
                 struct arena *a, struct err *e);
/* Raw operator state. */
bool copy_raw(const struct snapshot *s, const struct out_place *place, const struct meta_op_handle *h, struct meta_op_handle *to,
              struct arena *a, struct err *e);
bool copy_raw_keyed(const struct snapshot *s, const struct out_place *place, const struct meta_keyed *h, struct meta_keyed *to,
                    struct arena *a, struct err *e);

/* In-flight data: several handles of it lie in one file, which is copied once. Zero-initialise, then copied_files_free. */
struct copied_files {
    struct copied_file {
        const struct meta_stream *from;
        struct meta_stream to;
    } * v;
    size_t n;
    struct arena arena;
};
/* NULL: e is set. */
struct meta_channel *copy_channels(struct copied_files *files, const struct snapshot *s, const struct out_place *place,
                                   const struct meta_channel *from, uint32_t n, struct arena *a, struct err *e);
void copied_files_free(struct copied_files *files);

#endif
