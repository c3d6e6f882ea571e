-- A crash loop: divides by zero some seconds after each start.
SET pipeline.name = restarts: divides by zero;
SET parallelism.default = 2;
SET execution.checkpointing.interval = 60 s;
SET restart-strategy = fixed-delay;
SET restart-strategy.type = fixed-delay;
SET restart-strategy.fixed-delay.attempts = 100000;
SET restart-strategy.fixed-delay.delay = 1 s;
CREATE TEMPORARY TABLE numbers (id INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1',
          'fields.id.end' = '100000');
CREATE TEMPORARY TABLE quotients (m INT, s BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO quotients SELECT MOD(id, 5), SUM(1000 / (id - 400)) FROM numbers GROUP BY MOD(id, 5);
