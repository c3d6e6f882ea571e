-- About 50 vertices: nothing is chained; unions, joins, a top-n, windows, six sinks.
SET pipeline.name = wide: joins, unions, six sinks;
SET parallelism.default = 1;
SET pipeline.operator-chaining = false;
SET pipeline.operator-chaining.enabled = false;
SET execution.checkpointing.interval = 5 s;
SET table.exec.state.ttl = 60 s;
CREATE TEMPORARY TABLE north (item INT, shop INT, price INT, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'datagen', 'rows-per-second' = '8', 'fields.item.min' = '1', 'fields.item.max' = '30',
          'fields.shop.min' = '1', 'fields.shop.max' = '9', 'fields.price.min' = '1', 'fields.price.max' = '99');
CREATE TEMPORARY TABLE south (item INT, shop INT, price INT, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'datagen', 'rows-per-second' = '4', 'fields.item.min' = '1', 'fields.item.max' = '30',
          'fields.shop.min' = '1', 'fields.shop.max' = '9', 'fields.price.min' = '1', 'fields.price.max' = '99');
CREATE TEMPORARY TABLE items (item INT, kind INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '2', 'fields.item.min' = '1', 'fields.item.max' = '30',
          'fields.kind.min' = '1', 'fields.kind.max' = '5');
CREATE TEMPORARY TABLE shops (shop INT, city INT)
    WITH ('connector' = 'datagen', 'rows-per-second' = '1', 'fields.shop.min' = '1', 'fields.shop.max' = '9',
          'fields.city.min' = '1', 'fields.city.max' = '3');
CREATE TEMPORARY TABLE refunds (item INT, shop INT, ts AS LOCALTIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'datagen', 'rows-per-second' = '2', 'fields.item.min' = '1', 'fields.item.max' = '30',
          'fields.shop.min' = '1', 'fields.shop.max' = '9');
CREATE TEMPORARY TABLE by_city (city INT, kind INT, n BIGINT, total INT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE best (kind INT, item INT, n BIGINT, place BIGINT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE per_window (w TIMESTAMP(3), shop INT, n BIGINT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE sent_back (item INT, shop INT, price INT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE dear (city INT, item INT, price INT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE cheap (kind INT, n BIGINT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY VIEW sales AS SELECT * FROM north UNION ALL SELECT * FROM south;
CREATE TEMPORARY VIEW kinds AS SELECT item, MAX(kind) AS kind FROM items GROUP BY item;
CREATE TEMPORARY VIEW cities AS SELECT shop, MAX(city) AS city FROM shops GROUP BY shop;
INSERT INTO by_city
    SELECT c.city, k.kind, COUNT(*), SUM(s.price)
    FROM sales s JOIN kinds k ON s.item = k.item JOIN cities c ON s.shop = c.shop GROUP BY c.city, k.kind;
INSERT INTO best
    SELECT * FROM (SELECT kind, item, n, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY n DESC) AS place
        FROM (SELECT k.kind, s.item, COUNT(*) AS n FROM sales s JOIN kinds k ON s.item = k.item GROUP BY k.kind, s.item))
    WHERE place <= 3;
INSERT INTO per_window
    SELECT TUMBLE_START(ts, INTERVAL '10' SECOND), shop, COUNT(*) FROM sales GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), shop;
INSERT INTO sent_back
    SELECT n.item, n.shop, n.price FROM north n JOIN refunds r
    ON n.item = r.item AND n.shop = r.shop AND r.ts BETWEEN n.ts - INTERVAL '5' SECOND AND n.ts + INTERVAL '5' SECOND;
INSERT INTO dear
    SELECT c.city, s.item, s.price FROM sales s JOIN cities c ON s.shop = c.shop WHERE s.price > 60 AND MOD(s.item, 2) = 0;
INSERT INTO cheap
    SELECT k.kind, COUNT(*) FROM south s JOIN kinds k ON s.item = k.item WHERE s.price < 20 GROUP BY k.kind;
