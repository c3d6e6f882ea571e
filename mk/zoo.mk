# Snapshots with Flink's own reading beside them (expected.json): tests/zoo/compare.py says what it compares.

.PHONY: zoo
zoo: $(B)/weir ## compare dumps with Flink's own reading of the snapshots below ZOO="DIR…"
	@[ -n "$(ZOO)" ] || { echo 'say where they are: make zoo ZOO="DIR…"' >&2; exit 64; }
	python3 tests/zoo/compare.py $(B)/weir $(ZOO)
