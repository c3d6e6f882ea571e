# Savepoints migrated there and back; part of `make check` with few drawings, TRIPS=500 for more.

TRIPS ?= 28

.PHONY: roundtrip
roundtrip: $(B)/weir-san ## migrate the golden snapshots there and back TRIPS (28) times, by random scripts; SEED repeats a run
	ASAN_OPTIONS=detect_leaks=0 tests/migrate/roundtrip.py $(B)/weir-san $(TRIPS) $(addsuffix snapshot,$(wildcard tests/golden/*/))

check-run: roundtrip
