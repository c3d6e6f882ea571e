-- Events as latency.c writes them.
CREATE TABLE events (id BIGINT, made BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'stdin', 'format' = 'json');
