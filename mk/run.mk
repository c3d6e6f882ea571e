# weir run against what goes wrong.

KILLS ?= 200

.PHONY: kill-test kill-run
kill-run: $(B)/weir ## kill -9 weir run KILLS=200 times and start it again: each row comes out exactly once (SEED=1)
	tests/run/kill.sh $(B)/weir $(KILLS) $(or $(SEED),1)

kill-test: $(B)/weir-san
	tests/run/kill.sh $(B)/weir-san 4

check-run: kill-test
