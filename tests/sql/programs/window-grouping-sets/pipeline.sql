SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE w (k STRING, v INT, w DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/w.jsonl', 'format' = 'json');
CREATE TABLE sink_t (k STRING, ws TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = '${DIR}/output/sink_t', 'format' = 'json');
INSERT INTO sink_t SELECT k, window_start, SUM(v) FROM TABLE(TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, GROUPING SETS ((k), ());
