# make demo: the main jobs: a pipeline over real data (examples/demo), and snapshots that real Flink has made (tests/golden; tests/flink says how).

.PHONY: demo demo-run
demo: deps ## install what is missing, build, run a pipeline over real data, look at real snapshots
	$(MAKE) B=$(B) demo-run

demo-run: $(B)/weir
	@mk/demo.sh $(B)/weir
