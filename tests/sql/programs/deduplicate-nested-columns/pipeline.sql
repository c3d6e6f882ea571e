SET 'table.local-time-zone' = 'UTC';
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE t (
  a INT, c MAP<STRING, INT>, d ARRAY<STRING>, e ROW<x INT, y ARRAY<INT>>, f ARRAY<ROW<p STRING, q DECIMAL(20,2), r TIMESTAMP(3)>>, g MAP<STRING, ARRAY<BIGINT>>, p AS PROCTIME()
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/input/t.jsonl',
 'format' = 'json'
);
CREATE TABLE sink_t (
  a INT, c MAP<STRING, INT>, d ARRAY<STRING>, e ROW<x INT, y ARRAY<INT>>, f ARRAY<ROW<p STRING, q DECIMAL(20,2), r TIMESTAMP(3)>>, g MAP<STRING, ARRAY<BIGINT>>
) WITH (
 'connector' = 'filesystem',
 'path' = '${DIR}/output/sink_t',
 'format' = 'changelog-json'
);
INSERT INTO sink_t SELECT a,c,d,e,f,g FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY a ORDER BY p DESC) r FROM t) WHERE r = 1;
