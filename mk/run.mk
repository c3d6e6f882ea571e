# weir run against what goes wrong.

KILLS ?= 200

.PHONY: kill-test kill-run
kill-run: $(B)/weir ## kill -9 weir run KILLS=200 times and start it again: each row comes out exactly once (SEED=1)
	tests/run/kill.py $(B)/weir $(KILLS) $(or $(SEED),1)

kill-test: $(B)/weir-san
	tests/run/kill.py $(B)/weir-san 4

check-run: kill-test

IN_MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm) # checkpoints are synced to the disk, which takes most of the time

$(B)/simulate: $(B)/obj/tests/run/simulate.o $(B)/obj/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/simulate-san: $(B)/san/tests/run/simulate.o $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: simulate simulate-test
simulate: $(B)/simulate ## run weir's runtime in a simulated world that crashes and fails, SEEDS=10000 times from FROM=0 on
	$(IN_MEMORY) $(B)/simulate $(or $(FROM),0) $(or $(SEEDS),10000)

simulate-test: $(B)/simulate-san
	$(IN_MEMORY) $(B)/simulate-san 0 200

check-run: simulate-test
