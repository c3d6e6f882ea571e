-- Bids of each bidder by session.
CREATE TABLE nexmark_result (bidder BIGINT, bids BIGINT, since TIMESTAMP(3), until TIMESTAMP(3)) WITH (@SINK@);
INSERT INTO nexmark_result SELECT bidder, COUNT(*), window_start, window_end
  FROM TABLE(SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
  GROUP BY bidder, window_start, window_end;
