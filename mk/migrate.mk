# Savepoints migrated there and back; part of `make check` with few drawings: TRIPS=500 SEED=random for more. And what real Flink says
# of migrated ones.

TRIPS ?= 28

.PHONY: roundtrip check-migrate
roundtrip: $(B)/weir-san ## migrate the golden snapshots there and back TRIPS (28) times, by drawn scripts; SEED=random for others
	ASAN_OPTIONS=detect_leaks=0 tests/migrate/roundtrip.py $(B)/weir-san $(TRIPS) $(addsuffix snapshot,$(wildcard tests/golden/*/))

check-run: roundtrip

check-migrate: check-verdicts flink-golden-1.20.5 flink-golden-2.3.0 ## migrate savepoints by every operation, also what real Flink refuses, and let the Flinks restore them (JDK, Maven)
	WEIR=$(B)/weir tests/flink/migrate.sh
	WEIR=$(B)/weir tests/flink/migrate_copies.sh
	WEIR=$(B)/weir tests/flink/operations.sh
	WEIR=$(B)/weir tests/flink/offsets.sh

check-flink-run: check-migrate
