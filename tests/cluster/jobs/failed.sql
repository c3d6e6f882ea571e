-- Has failed for good, a few seconds after its start.
SET pipeline.name = failed: no restart;
SET restart-strategy = none;
SET restart-strategy.type = none;
CREATE TEMPORARY TABLE numbers (id INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1',
          'fields.id.end' = '100000');
CREATE TEMPORARY TABLE quotients (q INT) WITH ('connector' = 'blackhole');
INSERT INTO quotients SELECT 1000 / (id - 200) FROM numbers;
