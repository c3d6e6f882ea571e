# One target for each way in: tests/fuzz/<name>_fuzz.c, with seeds in tests/fuzz/corpus/<name>/. What `make fuzz` finds new is kept
# in $(B)/fuzz/corpus; `make check` replays the seeds through tests/fuzz/replay.c under gcc's sanitizers.

FUZZ_SECONDS ?= 30
FUZZ_CC      ?= clang
FUZZ_NAMES   := $(patsubst tests/fuzz/%_fuzz.c,%,$(FUZZ_SRC))
FUZZ_FLAGS   := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined

ifneq ($(FUZZ_NAMES),)
$(eval $(call variant,fuzzobj,$(FUZZ_FLAGS)))
$(B)/fuzzobj/%.o $(B)/fuzzobj/libweir.a: CC = $(FUZZ_CC)

$(B)/fuzz/%: $(B)/fuzzobj/tests/fuzz/%_fuzz.o $(B)/fuzzobj/libweir.a
	@mkdir -p $(@D)
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS)

$(B)/replay/%: $(B)/san/tests/fuzz/%_fuzz.o $(B)/san/tests/fuzz/replay.o $(B)/san/libweir.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS)

$(B)/fuzz/lines: $(B)/fuzzobj/tests/support/lines_job.o
$(B)/replay/lines: $(B)/san/tests/support/lines_job.o

.PHONY: fuzz fuzz-run replay
fuzz: deps-dev ## run every fuzz target for FUZZ_SECONDS (30)
	$(MAKE) B=$(B) fuzz-run

fuzz-run: $(FUZZ_NAMES:%=$(B)/fuzz/%)
	@for name in $(FUZZ_NAMES); do \
		mkdir -p $(B)/fuzz/corpus/$$name; \
		echo "== fuzz $$name, $(FUZZ_SECONDS) s"; \
		$(B)/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
			-artifact_prefix=$(B)/fuzz/$$name- $(B)/fuzz/corpus/$$name tests/fuzz/corpus/$$name 2>$(B)/fuzz/$$name.log || \
			{ tail -40 $(B)/fuzz/$$name.log; exit 1; }; \
		grep -E '^stat::number_of_executed_units|^Done' $(B)/fuzz/$$name.log; \
	done

replay: $(FUZZ_NAMES:%=$(B)/replay/%)
	@for name in $(FUZZ_NAMES); do \
		echo "== replay $$name"; \
		$(B)/replay/$$name tests/fuzz/corpus/$$name || exit 1; \
	done
endif
