SET 'table.local-time-zone' = 'UTC';
CREATE TABLE l (a INT, b INT, c STRING) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/l.jsonl', 'format' = 'json');
CREATE TABLE r (d INT, e INT, f STRING) WITH ('connector' = 'filesystem', 'path' = '${DIR}/input/r.jsonl', 'format' = 'json');
CREATE TABLE sink_t (c STRING, n INT) WITH ('connector' = 'filesystem', 'path' = '${DIR}/output/sink_t', 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UB,UA,D');
INSERT INTO sink_t SELECT c, SUM(b) FROM l GROUP BY c HAVING SUM(b) > (SELECT MIN(e) FROM r);
