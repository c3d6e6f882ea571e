# What real Flink judges: snapshots that it makes anew, and how long it takes for what weir does.

.PHONY: golden check-flink bench bench-migrate oracle-copies
golden: $(B)/weir-san
	WEIR=$(B)/weir-san tests/flink/compare.sh tests/golden

# copies snapshots through the writer
$(B)/copy: $(B)/obj/tests/flink/copy.o $(B)/obj/tests/support/same_snapshot.o $(B)/obj/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/copy-san: $(B)/san/tests/flink/copy.o $(B)/san/tests/support/same_snapshot.o $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# makes everything in snapshots again: serializers, values
$(B)/again: $(B)/san/tests/flink/again.o $(B)/san/tests/support/again.o $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# writes everything in a snapshot anew
$(B)/anew: $(B)/obj/tests/flink/anew.o $(B)/obj/tests/support/fit.o $(B)/obj/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Whoever has cores may run its parts side by side (-j). Not so those on a cluster: what they look at goes on meanwhile.
check-flink: flink-lib ## make snapshots with real Flink (JDK, Maven), compare weir's dumps, let Flink restore copies that weir writes
	$(MAKE) B=$(B) $(B)/copy $(B)/anew
	$(MAKE) B=$(B) SEED=$(SNAPSHOT_SEED) check-flink-run
	$(MAKE) B=$(B) check-cluster-quick

SNAPSHOT_SEED := $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom | tr -d ' '))
SNAPSHOTS_OF  := 1.18.1 1.20.5 2.3.0
.PHONY: check-flink-run check-cross $(SNAPSHOTS_OF:%=check-fresh-%) $(SNAPSHOTS_OF:%=flink-golden-%)

# what makes snapshots with that Flink
$(SNAPSHOTS_OF:%=flink-golden-%): flink-golden-%: deps-flink
	@bash -ec '. tests/flink/env.sh; flink_golden $*'

$(SNAPSHOTS_OF:%=check-fresh-%): check-fresh-%: flink-golden-%
	$(MAKE) B=$(B) $(B)/weir $(B)/copy $(B)/anew
	SEED=$(SNAPSHOT_SEED) WEIR=$(B)/weir COPY=$(B)/copy ANEW=$(B)/anew tests/flink/check.sh $*

# what one Flink's Kryo has written, for the other's
check-cross: check-fresh-1.20.5 check-fresh-2.3.0
	SEED=$(SNAPSHOT_SEED) ANEW=$(B)/anew tests/flink/cross.sh 1.20.5 2.3.0
	SEED=$(SNAPSHOT_SEED) ANEW=$(B)/anew tests/flink/cross.sh 2.3.0 1.20.5

check-flink-run: $(SNAPSHOTS_OF:%=check-fresh-%) check-cross

# state goes from weir to Flink
.PHONY: check-continue
check-continue: flink-lib
	python3 tests/flink/continue.py $(B)/weir $(FLINK_LIB) $(B)/continue tests/sql/programs/*

check-flink-run: check-continue

# what the tests of SQL with real Flink need
.PHONY: flink-lib
flink-lib: deps-flink
	@python3 -m pip --version >/dev/null 2>&1 || mk/deps.sh python3-pip
	$(MAKE) B=$(B) $(B)/weir
	tests/cluster/cluster.sh fetch 2.3.0

FLINK_LIB := build/cluster/dist/2.3.0/lib

# plans go from weir to Flink
.PHONY: check-plans
check-plans: flink-lib ## let real Flink execute the plans that weir compiles; CORPUS=DIR for those of a whole corpus
	python3 tests/flink/plans.py -k tests/sql/differ-plan.txt $(B)/weir $(FLINK_LIB) $(B)/plans \
		$(if $(CORPUS),$(CORPUS)/programs/*/*,tests/sql/programs/*)

check-flink-run: check-plans

# weir and Flink run the same random queries
.PHONY: fuzz-sql check-fuzz-sql
fuzz-sql: flink-lib ## compare random queries with real Flink's results: SEED=1 N=1000
	python3 tests/flink/fuzz_sql.py -v $(if $(SEED),-s $(SEED)) $(if $(N),-n $(N)) $(B)/weir $(FLINK_LIB) $(B)/fuzz-sql

check-fuzz-sql: flink-lib
	python3 tests/flink/fuzz_sql.py -s 1 -n 104 -k tests/flink/differ-fuzz.txt $(B)/weir $(FLINK_LIB) $(B)/fuzz-sql

check-flink-run: check-fuzz-sql

# what weir writes is read by Flink's State Processor API
.PHONY: check-processor
check-processor: flink-lib
	bash -ec '. tests/flink/env.sh; flink_resolve $(B)/processor-api tests/flink/processor/pom.xml'
	python3 tests/flink/processor.py $(B)/weir $(FLINK_LIB) "$$(cat $(B)/processor-api/classpath)" $(B)/processor

check-flink-run: check-processor

BENCH ?= tiny-canonical tiny-native 300m-canonical 300m-native
bench: deps-flink ## measure weir against Flink's State Processor API; BENCH="1g-canonical 1g-native" for a gigabyte
	$(MAKE) B=$(B) $(B)/weir
	bench/make-data.sh
	bench/run.sh $(BENCH)

bench-migrate: deps-flink ## measure weir migrate against Flink's State Processor API, and weir diff --data; MIGRATE="1g-canonical"
	$(MAKE) B=$(B) $(B)/weir
	WEIR=$(B)/weir bench/migrate.sh $(or $(MIGRATE),300m-canonical 300m-native)

oracle-copies: deps-flink ## every snapshot of a collection, rewritten, restored by real Flink: ORACLE=DIR SAVEPOINTS=DIR FLINK_LIB=DIR FLINK="2.3.0 1.20.5"
	$(MAKE) B=$(B) $(B)/weir
	WEIR=$(B)/weir ORACLE=$(ORACLE) SAVEPOINTS=$(SAVEPOINTS) FLINK_LIB=$(FLINK_LIB) tests/flink/oracle_copies.sh $(or $(FLINK),2.3.0)
