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
  b INT, mi STRING, ma STRING, md DATE, xn DECIMAL(20,2), ct TIMESTAMP(3), c BIGINT, PRIMARY KEY(b) NOT ENFORCED
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT b, MIN(s), MAX(s), MAX(d), MIN(n), MAX(ts), COUNT(*) FROM (SELECT id, LAST_VALUE(b) b, MAX(n) n, LAST_VALUE(s) s, LAST_VALUE(d) d, LAST_VALUE(ts) ts FROM t GROUP BY id) GROUP BY b;
