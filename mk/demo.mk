# make demo: the main job, on snapshots that real Flink has made (tests/golden; tests/flink says how).

.PHONY: demo demo-run
demo: deps ## install what is missing, build, look at real snapshots
	$(MAKE) B=$(B) demo-run

demo-run: $(B)/weir
	@mk/demo.sh $(B)/weir
