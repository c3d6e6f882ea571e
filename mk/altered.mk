# Every change of classes once more, on snapshots that weir has written anew with the types of the changed job.

.PHONY: check-altered
check-altered: check-verdicts ## give old snapshots the types of the changed job and let real Flink restore them, also what it refuses otherwise
	$(MAKE) B=$(B) $(B)/anew
	ANEW=$(B)/anew tests/flink/changes/altered.sh 1.20.5 2.3.0

check-flink-run: check-altered
