SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE w (k STRING, v INT, w DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/w.jsonl', 'format' = 'json');
CREATE TABLE sink_t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${DIR}/output/sink_t', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UB,UA,D');
INSERT INTO sink_t SELECT k, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY w) AS n FROM w) WHERE n <= 2;
