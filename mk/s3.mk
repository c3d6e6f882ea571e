# make check-s3: s3:// against a real server on this machine, built with go once (some minutes) and kept in $(B)/s3. Snapshots to
# dump from it: those of `make conformance` when they are there, or SNAPSHOTS="DIR..."

SNAPSHOTS ?= $(patsubst %/_metadata,%,$(wildcard $(B)/conformance/tree/flink-tests-1.17*/*1.17*/_metadata))

$(B)/san/tests/s3/probe: $(B)/san/tests/s3/probe.o $(B)/san/libweir.a
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: check-s3
check-s3: $(B)/san/tests/s3/probe $(B)/weir-san ## read s3:// from an S3 server that runs here (needs go and curl)
	@tests/s3/run.sh $^ $(B)/s3/tools $(SNAPSHOTS) || [ $$? -eq 77 ]
