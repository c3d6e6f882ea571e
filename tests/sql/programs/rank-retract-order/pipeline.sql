SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE t (
  id INT, b INT, s STRING, d DATE, n DECIMAL(20,2), ts TIMESTAMP(3)
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/input/t.jsonl',
 'format' = 'json'
);
CREATE TABLE sink_t (
  b INT, id INT, s STRING, n DECIMAL(20,2)
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT b, id, s, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY s DESC, n, d) r FROM (SELECT id, LAST_VALUE(b) b, MAX(n) n, LAST_VALUE(s) s, LAST_VALUE(d) d, LAST_VALUE(ts) ts FROM t GROUP BY id)) WHERE r <= 2;
