-- No checkpoint completes: barriers stand behind rows that are napped over, and have a second.
SET pipeline.name = checkpoint-timeout: all expire;
SET parallelism.default = 2;
SET execution.checkpointing.interval = 2 s;
SET execution.checkpointing.timeout = 1 s;
SET execution.checkpointing.tolerable-failed-checkpoints = 100000;
CREATE TEMPORARY TABLE clicks (k INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '4000', 'fields.k.min' = '0', 'fields.k.max' = '999');
CREATE TEMPORARY TABLE slow (k INT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO slow SELECT k, nap(5000, n) FROM (SELECT k, COUNT(*) AS n FROM clicks GROUP BY k);
