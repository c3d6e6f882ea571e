# make check: everything that needs no JVM, under ASan and UBSan.

UNIT_BIN := $(patsubst %.c,$(B)/san/%,$(UNIT_SRC))

.PHONY: check check-run unit tidy cli-test cli-update
check: deps-check ## install what is missing, build with sanitizers, run every test that needs no JVM
	$(MAKE) B=$(B) check-run

check-run: unit golden cli-test screens doors tidy check-s3 $(if $(FUZZ_SRC),replay)

unit: $(UNIT_BIN)
	@failed=; for t in $(UNIT_BIN); do echo "== $$t"; $$t || failed="$$failed $$t"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

# runs a command beside a stand-in for Flink
$(B)/with-flink: $(B)/san/tests/rest/with_flink.o $(B)/san/tests/support/rest_stub.o $(B)/san/libweir.a
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

cli-test: $(B)/weir-san $(B)/with-flink
	WITH_FLINK=$(B)/with-flink tests/cli/run.sh $(B)/weir-san

cli-update: $(B)/weir-san $(B)/with-flink ## write what the command line says now into tests/cli; read the diff
	UPDATE=1 WITH_FLINK=$(B)/with-flink tests/cli/run.sh $(B)/weir-san

.PHONY: doors
doors: $(B)/weir-san ## how weir gets into a cluster: passwords, tokens, certificates, proxies, sockets
	python3 tests/doors/doors.py $<

.PHONY: recordings
recordings: $(B)/san/tests/unit/live_recordings_test ## every answer in RECORDINGS=DIR… (index.json, a file an answer) is read, and nothing lost
	@[ -n "$(RECORDINGS)" ] || { echo 'say where they are: make recordings RECORDINGS="DIR…"' >&2; exit 64; }
	@set -e; for d in $(RECORDINGS); do echo "== $$d"; tests/rest/of_index.py $$d >$(B)/recorded.tsv; $< $(B)/recorded.tsv; done

tidy: $(B)/weir-san
	tests/tidy/tidy.sh $(B)/weir-san
	tests/tidy/readme.py $(B)/weir-san
