# make conformance: reads every snapshot in Flink's own test jars, which Maven fetches the first time.

CONFORMANCE_SRC := $(wildcard tests/conformance/*.c)

$(B)/conformance/conformance: $(patsubst %.c,$(B)/obj/%.o,$(CONFORMANCE_SRC)) $(B)/obj/libweir.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: conformance
conformance: deps-flink ## read every snapshot in Flink's own test jars to the last byte (98 % must be exact)
	tests/conformance/fetch.sh $(B)/conformance
	$(MAKE) B=$(B) $(B)/conformance/conformance
	$(B)/conformance/conformance $(B)/conformance/tree tests/conformance/told.txt
