-- The auctions with the most bids in each of overlapping windows.
CREATE TABLE nexmark_result (auction BIGINT, bids BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT per_auction.auction, per_auction.bids FROM (
  SELECT auction, COUNT(*) AS bids, window_start, window_end
    FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
    GROUP BY auction, window_start, window_end) AS per_auction
  JOIN (SELECT MAX(bids) AS most, window_start, window_end FROM (
    SELECT COUNT(*) AS bids, window_start, window_end
      FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
      GROUP BY auction, window_start, window_end) AS counted GROUP BY window_start, window_end) AS highest
  ON per_auction.window_start = highest.window_start AND per_auction.window_end = highest.window_end
    AND per_auction.bids >= highest.most;
