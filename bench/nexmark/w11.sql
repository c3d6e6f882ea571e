-- Bids of each bidder by session, as clink can say it, too.
CREATE TABLE nexmark_result (bidder BIGINT, bids BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT bidder, COUNT(*) AS bids FROM bid_ms GROUP BY bidder, SESSION(moment, INTERVAL '10' SECOND);
