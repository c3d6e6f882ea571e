-- State that grows without end: new keys all the time, kept in RocksDB, incremental checkpoints.
SET pipeline.name = state: grows without end;
SET parallelism.default = 2;
SET state.backend = rocksdb;
SET state.backend.type = rocksdb;
SET state.backend.incremental = true;
SET execution.checkpointing.incremental = true;
SET execution.checkpointing.interval = 2 s;
SET state.backend.rocksdb.memory.fixed-per-slot = 32mb;
CREATE TEMPORARY TABLE readings (sensor BIGINT, note STRING)
    WITH ('connector' = 'datagen', 'rows-per-second' = '1500', 'fields.sensor.min' = '1',
          'fields.sensor.max' = '1000000000000', 'fields.note.length' = '200');
CREATE TEMPORARY TABLE lasts (sensor BIGINT, n BIGINT, note STRING) WITH ('connector' = 'blackhole');
INSERT INTO lasts SELECT sensor, COUNT(*), LAST_VALUE(note) FROM readings GROUP BY sensor;
