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
  id INT, a INT, c STRING, d INT
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'json'
);
INSERT INTO sink_t SELECT id, LAG(i) OVER w, LAG(s, 2, 'none') OVER w, LAG(i, 0) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY ts);
