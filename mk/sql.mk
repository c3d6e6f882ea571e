# make sql-corpus: Flink SQL's own programs and expressions, run by weir and compared with what real Flink has made of them.

CORPUS ?=

$(B)/sql/%: $(B)/obj/tests/sql/%.o $(B)/obj/tests/sql/reasons.o $(B)/obj/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/sql-san/%: $(B)/san/tests/sql/%.o $(B)/san/tests/sql/reasons.o $(B)/san/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: sql-corpus
sql-corpus: $(B)/sql/expressions ## compare with real Flink's results of the programs and expressions below CORPUS=DIR
	@[ -n "$(CORPUS)" ] || { echo 'say where they are: make sql-corpus CORPUS=DIR' >&2; exit 64; }
	$(B)/sql/expressions $(CORPUS)/expressions/*.jsonl
