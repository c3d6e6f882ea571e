# Flink SQL: its own programs and expressions, run by weir and compared with what real Flink has made of them.

CORPUS ?=

$(B)/sql/%: $(B)/obj/tests/sql/%.o $(B)/obj/tests/sql/reasons.o $(B)/obj/tests/support/program.o $(B)/obj/tests/sql/item.o $(B)/obj/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/sql-san/%: $(B)/san/tests/sql/%.o $(B)/san/tests/sql/reasons.o $(B)/san/tests/support/program.o $(B)/san/tests/sql/item.o $(B)/san/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# What comes out the same whatever the threads do. Windows of several lengths drop late rows only from some, which is not counted;
# which of several keys' rows is the first, the order of texts, and what rounding leaves, they decide.
THREADED := $(filter-out %-first-last-retract %/expand %/array-agg %/gather-retract %/variance-retract %-hop-event-time-two-phase %-window-aggregate-hop-event-time,$(wildcard tests/sql/programs/*))

.PHONY: sql-corpus sql-test
sql-corpus: $(B)/sql/expressions $(B)/sql/binding $(B)/sql/programs $(B)/weir ## compare with real Flink's results of the programs and expressions below CORPUS=DIR
	@[ -n "$(CORPUS)" ] || { echo 'say where they are: make sql-corpus CORPUS=DIR' >&2; exit 64; }
	@status=0; $(B)/sql/expressions -k tests/sql/differ.txt $(CORPUS)/expressions/*.jsonl || status=1; \
	$(B)/sql/binding -k tests/sql/differ-sql.txt $(CORPUS)/expressions/*.jsonl || status=1; \
	$(B)/sql/programs -g 95 -k tests/sql/differ.txt $(CORPUS)/programs/*/* || status=1; \
	$(B)/sql/programs -s -g 95 -k tests/sql/differ-plan.txt $(CORPUS)/programs/*/* || status=1; \
	python3 tests/sql/restore.py -g 68 -k tests/sql/differ-savepoints.txt $(B)/weir $(CORPUS)/programs/*/* || status=1; exit $$status

sql-test: $(B)/sql-san/expressions $(B)/sql-san/binding $(B)/sql-san/programs $(B)/weir-san ## the same for those in tests/sql, all of which must agree
	$(B)/sql-san/expressions -g 100 tests/sql/expressions.jsonl
	$(B)/sql-san/binding -g 100 tests/sql/expressions.jsonl
	$(B)/sql-san/programs tests/sql/programs/*
	$(B)/sql-san/programs -s -g 100 -k tests/sql/differ-plan.txt tests/sql/programs/*
	python3 tests/sql/restore.py $(B)/weir-san tests/sql/programs/*
	$(B)/sql-san/programs -d 2 tests/sql/programs/*
	python3 tests/sql/restore.py -d 2 $(B)/weir-san tests/sql/programs/*
	$(B)/sql-san/programs -f -p 3 $(THREADED)

check-run: sql-test

.PHONY: bench-nexmark
bench-nexmark: deps-flink ## measure weir run: Nexmark's queries beside Flink 2.3 and clink 0.12, results compared; NEXMARK="--events 500000 q0 q5"
	@python3 -c 'import pip, ensurepip' 2>/dev/null || mk/deps.sh python3-pip python3-venv
	$(MAKE) B=$(B) $(B)/weir
	tests/cluster/cluster.sh fetch 2.3.0
	[ -x $(B)/clink/bin/python ] || { python3 -m venv $(B)/clink && $(B)/clink/bin/pip install -q pyclink==0.12.2; }
	python3 bench/nexmark.py $(B)/weir --flink build/cluster/dist/2.3.0/lib --clink $(B)/clink/bin/python $(NEXMARK)

.PHONY: bench-latency
bench-latency: ## measure how long rows take through weir run, checkpoints on; LATENCY="--rate 100000 --every 1000 --fifo"
	$(MAKE) B=$(B) $(B)/weir
	python3 bench/latency.py $(B)/weir $(LATENCY)
