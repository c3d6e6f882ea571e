SET 'table.local-time-zone' = 'UTC';
CREATE TABLE l (a INT, b INT, c STRING) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/l.jsonl', 'format' = 'json');
CREATE TABLE sink_t (c STRING, a INT, n BIGINT, g BIGINT, h BIGINT) WITH ('connector' = 'filesystem', 'path' = '${DIR}/output/sink_t', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UB,UA,D');
INSERT INTO sink_t SELECT c, a, COUNT(*), GROUPING(c), GROUPING_ID(c, a) FROM l GROUP BY GROUPING SETS ((c, a), (c), ());
