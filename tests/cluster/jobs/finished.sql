-- Ends by itself, at once.
SET pipeline.name = finished: bounded;
SET parallelism.default = 2;
CREATE TEMPORARY TABLE numbers (id INT)
    WITH ('connector' = 'datagen', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '500');
CREATE TEMPORARY TABLE counts (m INT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO counts SELECT MOD(id, 9), COUNT(*) FROM numbers GROUP BY MOD(id, 9);
