-- Bids on each auction in overlapping windows, as clink can say it, too.
CREATE TABLE nexmark_result (auction BIGINT, bids BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, COUNT(*) AS bids FROM bid_ms
  GROUP BY auction, HOP(moment, INTERVAL '2' SECOND, INTERVAL '10' SECOND);
