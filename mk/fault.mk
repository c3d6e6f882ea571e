# The writer under kill -9 and on full disks; part of `make check` with few kills, FAULTS=500 for more.

FAULTS    ?= 60
FAULTY_ON := $(addprefix tests/golden/,2.3.0-rocksdb-native-basic/snapshot 1.20.5-hashmap-canonical-types/snapshot)
TRIED_ON  := $(addprefix tests/golden/,2.3.0-rocksdb-native-basic/snapshot \
	2.3.0-rocksdb-incremental-basic-changelog/snapshot/chk-4 1.20.5-hashmap-canonical-lists-compressed/snapshot)

.PHONY: fault
fault: $(B)/copy-san $(B)/weir-san ## kill the writer at FAULTS (60) random moments, fill its disk; nothing half may be left; a trial writes nothing
	ASAN_OPTIONS=detect_leaks=0 tests/fault/kill.py $^ $(FAULTS) $(FAULTY_ON)
	ASAN_OPTIONS=detect_leaks=0 WEIR=$(B)/weir-san tests/fault/kill.py tests/fault/migrate.sh $(B)/weir-san $(FAULTS) $(firstword $(FAULTY_ON))
	ASAN_OPTIONS=detect_leaks=0 tests/fault/trial.sh $(B)/weir-san $(TRIED_ON)

check-run: fault
