# The writer under kill -9 and on full disks; part of `make check` with few kills, FAULTS=500 for more.

FAULTS    ?= 60
FAULTY_ON := $(addprefix tests/golden/,2.3.0-rocksdb-native-basic/snapshot 1.20.5-hashmap-canonical-types/snapshot)

.PHONY: fault
fault: $(B)/copy-san $(B)/weir-san ## kill the writer at FAULTS (60) random moments, fill its disk; nothing half may be left
	ASAN_OPTIONS=detect_leaks=0 tests/fault/kill.py $^ $(FAULTS) $(FAULTY_ON)
	ASAN_OPTIONS=detect_leaks=0 WEIR=$(B)/weir-san tests/fault/kill.py tests/fault/migrate.sh $(B)/weir-san $(FAULTS) $(firstword $(FAULTY_ON))

check-run: fault
