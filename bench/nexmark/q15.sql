-- Bids, bidders and auctions of each day, also by price.
CREATE TABLE nexmark_result (d STRING, bids BIGINT, b1 BIGINT, b2 BIGINT, b3 BIGINT, bidders BIGINT, r1 BIGINT, r2 BIGINT, r3 BIGINT,
  auctions BIGINT, a1 BIGINT, a2 BIGINT, a3 BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT DATE_FORMAT(`dateTime`, 'yyyy-MM-dd'), COUNT(*),
    COUNT(*) FILTER (WHERE price < 10000), COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000),
    COUNT(*) FILTER (WHERE price >= 1000000), COUNT(DISTINCT bidder), COUNT(DISTINCT bidder) FILTER (WHERE price < 10000),
    COUNT(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000), COUNT(DISTINCT bidder) FILTER (WHERE price >= 1000000),
    COUNT(DISTINCT auction), COUNT(DISTINCT auction) FILTER (WHERE price < 10000),
    COUNT(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000), COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000)
  FROM bid GROUP BY DATE_FORMAT(`dateTime`, 'yyyy-MM-dd');
