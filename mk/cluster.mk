# weir beside a running Flink, and what its console costs.

VERSIONS ?=

.PHONY: check-cluster bench-top
check-cluster: deps-flink ## bring up real Flink clusters with sick jobs, compare what weir says with what they say; VERSIONS="1.15.4 2.0.2"
	@python3 -m pip --version >/dev/null 2>&1 || mk/deps.sh python3-pip # not in deps-flink: who has another Python has its own
	$(MAKE) B=$(B) $(B)/weir-san
	WEIR=$(B)/weir-san tests/cluster/check.sh $(VERSIONS)

# what of it is quick: the end of check-flink
.PHONY: check-cluster-quick
check-cluster-quick: deps-flink
	$(MAKE) B=$(B) check-cluster VERSIONS=quick:2.3.0

bench-top: deps-check ## measure what the console costs: CPU, memory, bytes to the terminal, requests, time from key to paint
	$(MAKE) B=$(B) $(B)/weir
	python3 bench/top.py $(B)/weir
