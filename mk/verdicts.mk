# Changes of a job's classes: what real Flink does with each, and whether weir says so before.

.PHONY: check-verdicts
check-verdicts: deps-flink ## try 180 changes of classes and states in real Flink and compare verdicts: by snapshot, schema document, classes, code
	$(MAKE) B=$(B) $(B)/weir
	WEIR=$(B)/weir tests/flink/changes/verdicts.sh

check-flink-run: check-verdicts
