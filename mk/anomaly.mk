# make bench-anomaly: precision and recall of "checkpoint.size anomalous" (weir watch) on labelled traces, beside a rule of thumb.

$(B)/bench/anomaly: $(B)/obj/bench/anomaly.o $(B)/obj/live/anomaly.o
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm

.PHONY: bench-anomaly
bench-anomaly: $(B)/bench/anomaly ## measure the size-anomaly rule on labelled traces (SEED=1)
	python3 bench/anomaly-traces.py $(or $(SEED),1) | $(B)/bench/anomaly
