# ThreadSanitizer: what runs in threads must not race.

TSAN := -fsanitize=thread -fno-omit-frame-pointer
$(eval $(call variant,tsan,$(TSAN)))

$(B)/tsan-sql/%: $(B)/tsan/tests/sql/%.o $(B)/tsan/tests/sql/reasons.o $(B)/tsan/tests/support/program.o $(B)/tsan/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(TSAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/weir-tsan: $(B)/tsan/cli/main.o $(B)/tsan/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(TSAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/tsan-unit/%: $(B)/tsan/tests/unit/%.o $(B)/tsan/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(TSAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS)

WATCHED := TSAN_OPTIONS="halt_on_error=1 suppressions=$(CURDIR)/tests/run/tsan.supp"
MIGRATED := $(wildcard tests/golden/*basic*/snapshot tests/golden/*lists*/snapshot)

.PHONY: tsan
tsan: $(B)/tsan-sql/programs $(B)/weir-tsan $(B)/tsan-unit/runtime_control_test ## run programs of Flink SQL with several subtasks, checkpoints, jobs that are watched and stopped, and migrations, under ThreadSanitizer
	$(WATCHED) $(B)/tsan-unit/runtime_control_test
	$(WATCHED) $(B)/tsan-sql/programs -f -p 3 $(THREADED)
	$(WATCHED) tests/run/kill.py $(B)/weir-tsan 8
	$(WATCHED) tests/cli/run.sh $(B)/weir-tsan tests/cli/serve.case tests/cli/orders.case
	$(WATCHED) tests/migrate/threads.sh $(B)/weir-tsan $(MIGRATED)
