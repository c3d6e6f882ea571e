# make screens: weir top in a terminal of tmux and without one, against recorded answers; part of `make check`.

.PHONY: screens screens-update screenshots
screens: $(B)/weir-san $(B)/with-flink ## compare the console's screens (needs tmux), how it leaves a terminal, how it sees a cluster go and come, and a job beside it
	tests/screens/run.sh $^
	python3 tests/screens/endings.py $^
	python3 tests/screens/away.py $<
	python3 tests/screens/run_top.py $<

screens-update: $(B)/weir-san $(B)/with-flink ## write what the console shows now into tests/screens; read the diff
	UPDATE=1 tests/screens/run.sh $^

screenshots: deps-check ## make the README's pictures of the console anew
	$(MAKE) B=$(B) $(B)/weir $(B)/with-flink
	python3 tests/screens/pictures.py $(B)/weir $(B)/with-flink examples/screens
