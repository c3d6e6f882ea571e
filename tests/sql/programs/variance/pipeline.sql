SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE t (
  id INT, b INT, s STRING, v DOUBLE, i INT, n DECIMAL(10,2), ts TIMESTAMP(3)
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/input/t.jsonl',
 'format' = 'json'
);
CREATE TABLE sink_t (
  b INT, a DOUBLE, c DOUBLE, d DOUBLE, e DOUBLE, f INT, g DECIMAL(38,6), h BIGINT, PRIMARY KEY(b) NOT ENFORCED
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT b, STDDEV_POP(v), STDDEV_SAMP(v), VAR_POP(v), VAR_SAMP(n), STDDEV_POP(i), VARIANCE(n), COUNT(*) FROM t GROUP BY b;
