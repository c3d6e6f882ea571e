-- The highest bid on each auction in each window, as clink can say it, too.
CREATE TABLE nexmark_result (auction BIGINT, price BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, MAX(price) AS price FROM bid_ms GROUP BY auction, TUMBLE(moment, INTERVAL '10' SECOND);
