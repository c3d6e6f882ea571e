-- Event time stands still: one of the inputs that the window joins together gives rows but never a watermark.
SET pipeline.name = watermark: one input gives none;
SET parallelism.default = 2;
SET execution.checkpointing.interval = 3 s;
CREATE TEMPORARY TABLE brisk (k INT, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'fields.k.min' = '0', 'fields.k.max' = '50');
CREATE TEMPORARY TABLE mute (k INT, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS CAST(NULL AS TIMESTAMP(3)))
    WITH ('connector' = 'datagen', 'rows-per-second' = '4', 'fields.k.min' = '0', 'fields.k.max' = '50');
CREATE TEMPORARY TABLE counts (w TIMESTAMP(3), k INT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO counts
    SELECT TUMBLE_START(ts, INTERVAL '5' SECOND), k, COUNT(*)
    FROM (SELECT k, ts FROM brisk UNION ALL SELECT k, ts FROM mute) GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k;
