SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE t (
  id INT, b INT, s STRING, v DOUBLE, i INT, n DECIMAL(10,2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/input/t.jsonl',
 'format' = 'json'
);
CREATE TABLE sink_t (
  w TIMESTAMP(3), b INT, a STRING, d MULTISET<STRING>, e DOUBLE
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'json'
);
INSERT INTO sink_t SELECT window_start, b, LISTAGG(s), COLLECT(s), STDDEV_POP(v) FROM TABLE(SESSION(TABLE t PARTITION BY b, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, b;
