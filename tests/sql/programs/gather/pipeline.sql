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
  b INT, a STRING, c STRING, d MULTISET<STRING>, j STRING, k STRING, o STRING, PRIMARY KEY(b) NOT ENFORCED
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT b, LISTAGG(s), LISTAGG(s, '-'), COLLECT(s), JSON_ARRAYAGG(s), JSON_ARRAYAGG(i NULL ON NULL), LISTAGG(DISTINCT s) FROM t GROUP BY b;
