-- Nothing is wrong: windows by event time, small checkpoints.
SET pipeline.name = healthy: windows of orders;
SET parallelism.default = 2;
SET execution.checkpointing.interval = 3 s;
CREATE TEMPORARY TABLE orders (id BIGINT, customer INT, amount DOUBLE, ts AS LOCALTIMESTAMP,
    WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'datagen', 'rows-per-second' = '200', 'fields.customer.min' = '1', 'fields.customer.max' = '40');
CREATE TEMPORARY TABLE totals (w TIMESTAMP(3), customer INT, n BIGINT, total DOUBLE) WITH ('connector' = 'blackhole');
INSERT INTO totals
    SELECT window_start, customer, COUNT(*), SUM(amount)
    FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' SECONDS)) GROUP BY window_start, window_end, customer;
