/* Flame graphs as data: the tree of a sampling in a form that can be walked without recursion, its layout in cells, and the methods
 * that burn most. Nothing here draws. Trees come from outside: as deep, wide and wrong as they like. */
#ifndef WEIR_TUI_FLAME_H
#define WEIR_TUI_FLAME_H

#include "base/mem.h"
#include "live/model.h"

enum { FLAME_DEPTH = 1024, FLAME_FRAMES = 50000 }; /* what is beyond is left out: flame.cut */

enum flame_kind { FLAME_YOURS, FLAME_STATE, FLAME_FLINK, FLAME_JAVA, FLAME_KINDS }; /* whose code; YOURS: nobody's known */

struct flame_frame {
    const char *name;           /* as Flink tells it, "package.Class.method:line"; never NULL */
    double samples, self;       /* on the stack; on top of it. Never less than what the children have */
    uint32_t parent;            /* of the root: itself */
    uint32_t first, n_children; /* the children stand side by side, most samples first */
    uint32_t method;            /* number of the name without its line: equal for equal methods */
    uint16_t depth;             /* of the root: 0 */
};

/* Zero-initialise; flame_free. */
struct flame {
    struct arena names;
    struct flame_frame *v; /* parents before children; v[0] is the root */
    uint32_t n;
    uint32_t n_methods;
    bool cut;
};

/* Takes the tree in place of what was there before; root NULL: none. */
void flame_take(struct flame *f, const struct live_flame_node *root);
void flame_free(struct flame *f);

/* --- names --- */

enum flame_name { FLAME_FULL, FLAME_CLASS, FLAME_METHOD }; /* all; "Class.method:231"; "method" */
/* A piece of the name, and its length in *n. Lines that the JVM does not know (":-1") are left out. */
const char *flame_name(const char *name, enum flame_name how, int *n);
enum flame_kind flame_kind(const char *name);

/* The names on the way from the root to a frame, in a buf, and the frame that a way leads to: as far as it is there, and *all
 * whether that is its end. For what has to be found again in the next sampling. */
void flame_way(const struct flame *f, uint32_t frame, struct buf *way);
uint32_t flame_follow(const struct flame *f, const char *way, bool *all);

/* --- layout --- */

/* A box of frames of which each is the only one that the frame before it has called. */
struct flame_box {
    uint32_t frame, last; /* the first and the last of them; the same unless folded */
    uint32_t up;          /* the box above; of the topmost: itself */
    int x, w, row;        /* columns; w at least 1 */
};

/* Zero-initialise; free v. */
struct flame_boxes {
    struct flame_box *v; /* row by row, from the left */
    uint32_t n;
    int rows;
};

/* Lays out what is below `top`, and top itself over all columns (at least 1). What has no column is left out. */
void flame_layout(const struct flame *f, uint32_t top, int columns, bool fold, struct flame_boxes *out);
/* The box that shows a frame; the nearest above it when it has none; 0 when it is not below the top. */
uint32_t flame_box_of(const struct flame *f, const struct flame_boxes *b, uint32_t frame);

/* --- the methods --- */

struct flame_method {
    uint32_t frame; /* where it has the most samples of its own */
    double self;    /* samples on top of the stack, over all stacks */
    double samples; /* anywhere on the stack; where it calls itself counted once */
};

/* All methods of what is below `top`, most of its own first; free. *n of them. */
struct flame_method *flame_methods(const struct flame *f, uint32_t top, uint32_t *n);

#endif
