/* What a state is. */
#ifndef WEIR_SAVEPOINT_STATE_KIND_H
#define WEIR_SAVEPOINT_STATE_KIND_H

enum state_kind { /* state_kinds: the word that dump prints */
                  KIND_VALUE,
                  KIND_LIST,
                  KIND_MAP,
                  KIND_REDUCING,
                  KIND_AGGREGATING,
                  KIND_FOLDING,
                  KIND_TIMERS,
                  KIND_OPERATOR_LIST,
                  KIND_BROADCAST
};
const char *kind_name(enum state_kind k);

#endif
