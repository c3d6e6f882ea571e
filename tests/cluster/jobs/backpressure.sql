-- The source is held up: 19 of 20 rows go to one subtask of the aggregate (skew), and it naps 2 ms over each.
SET pipeline.name = backpressure: one slow subtask;
SET parallelism.default = 2;
SET execution.checkpointing.interval = 5 s;
SET execution.checkpointing.timeout = 10 min;
CREATE TEMPORARY TABLE clicks (r INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '4000', 'fields.r.min' = '0', 'fields.r.max' = '999');
CREATE TEMPORARY TABLE slow (k INT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO slow
    SELECT k, nap(2000, n)
    FROM (SELECT k, COUNT(*) AS n FROM (SELECT CASE WHEN r < 900 THEN 0 ELSE r END AS k FROM clicks) GROUP BY k);
