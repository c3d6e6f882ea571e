-- Statistics of each auction and day.
CREATE TABLE nexmark_result (auction BIGINT, d STRING, bids BIGINT, b1 BIGINT, b2 BIGINT, b3 BIGINT, lowest BIGINT, highest BIGINT,
  average BIGINT, total BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd'), COUNT(*), COUNT(*) FILTER (WHERE price < 10000),
    COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000), COUNT(*) FILTER (WHERE price >= 1000000), MIN(price), MAX(price),
    AVG(price), SUM(price) FROM bid GROUP BY auction, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd');
