-- Wants more slots than there are, and never gets them.
SET pipeline.name = greedy: too few slots;
SET parallelism.default = 40;
CREATE TEMPORARY TABLE numbers (id INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TEMPORARY TABLE nothing (id INT) WITH ('connector' = 'blackhole');
INSERT INTO nothing SELECT id FROM numbers;
