# weir run against what goes wrong.

KILLS ?= 200
IN_MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm) # checkpoints are synced to the disk, which takes most of the time

.PHONY: kill-test kill-run
kill-run: $(B)/weir ## kill -9 weir run KILLS=200 times and start it again: rows, groups, windows and a join come out exactly once (SEED=1)
	tests/run/kill.py $(B)/weir $(KILLS) $(or $(SEED),1)

kill-test: $(B)/weir-san
	tests/run/kill.py $(B)/weir-san 8

check-run: kill-test

# One program of each operator, and what lies in its states in several ways.
DATABASES := $(addprefix tests/sql/programs/,except group-aggregate-distinct group-aggregate-min-max-retract incremental-group-aggregate-complex \
	deduplicate-asc-proctime join-anti-join three-way-left-outer-join-with-restore rank-test-retract-strategy rank-test-append-fast-strategy \
	over-window-range interval-join-event-time temporal-sort-rowtime window-aggregate-session-partition-event-time \
	window-join-left-tumble-event-time sink-upsert-key-differs-from-pk-with-on-conflict)

.PHONY: databases-test
databases-test: $(B)/weir-san ## keyed state in RocksDB is what it is in memory, also rescaled
	$(IN_MEMORY) tests/run/databases.py $(B)/weir-san $(DATABASES)

check-run: databases-test

SIMULATOR := $(wildcard tests/run/*.c) tests/support/program.c

$(B)/simulate: $(SIMULATOR:%.c=$(B)/obj/%.o) $(B)/obj/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/simulate-san: $(SIMULATOR:%.c=$(B)/san/%.o) $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

RESTORED := $(filter-out $(patsubst %/plan.json,%,$(wildcard tests/sql/programs/*/plan.json)),$(wildcard tests/sql/programs/*))
# Programs in which a row is late only if it comes behind another one of its table, that end before the clock comes to their windows, that take what comes first,
# that cannot be in checkpoints yet, or that fail, are left out.
SIMULATED = $(filter-out $(RESTORED) %/group-window-aggregate-tumble-event-time %/window-aggregate-tumble-event-time %/window-join-left-tumble-event-time \
	%/temporal-sort-rowtime %-hop-tvf-agg-proc-time %/over-lag %/from-changelog-invalid-op-code,$(THREADED))

.PHONY: simulate simulate-test
simulate: $(B)/simulate ## run weir's runtime in a simulated world that crashes and fails, SEEDS=10000 times from FROM=0 on
	$(IN_MEMORY) $(B)/simulate $(or $(FROM),0) $(or $(SEEDS),10000) $(SIMULATED)

simulate-test: $(B)/simulate-san
	$(B)/simulate-san nodes $(filter-out $(RESTORED),$(wildcard tests/sql/programs/*))
	$(IN_MEMORY) $(B)/simulate-san 0 330 $(SIMULATED)

check-run: simulate-test

# A savepoint is the same when it has been restored with other subtasks. Left out are programs that fail, that end before anybody can stop them, and
# that keep the time of the last restore or cannot be in savepoints yet.
.PHONY: rescale-test
rescale-test: $(B)/simulate-san $(B)/weir-san
	$(IN_MEMORY) $(B)/simulate-san rescale $(B)/weir-san $(filter-out $(RESTORED) %/from-changelog-invalid-op-code %-limit-pushdown %/over-window-range %/array-agg %/over-lag, \
		$(wildcard tests/sql/programs/*))

check-run: rescale-test

.PHONY: bench-state
bench-state: $(B)/weir ## measure weir run --state rocksdb: from a checkpoint of a gigabyte to the first row, a checkpoint after 1 % have changed; STATE="--keys 1000000"
	python3 bench/state.py $(B)/weir $(STATE)
