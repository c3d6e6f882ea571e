# make check: everything that needs no JVM, under ASan and UBSan.

UNIT_BIN := $(patsubst %.c,$(B)/san/%,$(UNIT_SRC))

.PHONY: check unit
check: deps
	$(MAKE) B=$(B) unit

unit: $(UNIT_BIN)
	@failed=; for t in $(UNIT_BIN); do echo "== $$t"; $$t || failed="$$failed $$t"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi
