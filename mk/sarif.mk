.PHONY: check-sarif
check-sarif: $(B)/weir-san
	python3 tests/sarif/check.py $(B)/weir-san

check-run: check-sarif
