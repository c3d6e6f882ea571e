SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE l (a INT, b INT, c STRING) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/l.jsonl', 'format' = 'json');
CREATE TABLE w (k STRING, v INT, w DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/w.jsonl', 'format' = 'json');
CREATE TABLE sink_t (c STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${DIR}/output/sink_t', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UB,UA,D');
INSERT INTO sink_t SELECT c, n FROM (SELECT c, a, COUNT(*) AS n FROM l GROUP BY c, a) WHERE c > 'w' AND n > 0;
