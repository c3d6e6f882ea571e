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
  b INT, a BIGINT, c BIGINT, e DECIMAL(38,2), f DECIMAL(38,2), PRIMARY KEY(b) NOT ENFORCED
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT b, COUNT(DISTINCT s), COUNT(DISTINCT s) FILTER (WHERE n > 1), SUM(DISTINCT n), SUM(DISTINCT n) FILTER (WHERE s <> 'aaa') FROM (SELECT id, LAST_VALUE(b) b, MAX(n) n, LAST_VALUE(s) s, LAST_VALUE(d) d, LAST_VALUE(ts) ts FROM t GROUP BY id) GROUP BY b;
