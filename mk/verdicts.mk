# Changes of a job's classes: what real Flink does with each, and whether weir says so before.

.PHONY: check-verdicts
check-verdicts: deps-flink ## try 150 changes of classes in real Flink and compare weir's verdicts: by snapshot, by schema document, by jar
	$(MAKE) B=$(B) $(B)/weir
	WEIR=$(B)/weir tests/flink/changes/verdicts.sh

check-flink: check-verdicts
