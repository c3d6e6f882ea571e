# make bench-pause: how long rows wait for a checkpoint of a million keys.

$(B)/bench/pause: $(B)/obj/bench/pause.o $(B)/obj/libweir.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: bench-pause
bench-pause: $(B)/bench/pause ## measure the longest pause of rows by a checkpoint, KEYS=1000000 keys of state, in memory
	$(B)/bench/pause $(or $(KEYS),1000000) 3
