# make conformance: reads every snapshot in Flink's own test jars (needs maven and unzip, and a network the first time).

CONFORMANCE_SRC := $(wildcard tests/conformance/*.c)

$(B)/conformance/conformance: $(patsubst %.c,$(B)/obj/%.o,$(CONFORMANCE_SRC)) $(B)/obj/libweir.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: conformance
conformance: deps
	tests/conformance/fetch.sh $(B)/conformance
	$(MAKE) B=$(B) $(B)/conformance/conformance
	$(B)/conformance/conformance $(B)/conformance/tree tests/conformance/told.txt
