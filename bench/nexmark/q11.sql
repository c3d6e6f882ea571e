-- Bids of each bidder by session.
CREATE TABLE result (bidder BIGINT, bids BIGINT, since TIMESTAMP(3), until TIMESTAMP(3)) WITH (@SINK@);
INSERT INTO result SELECT bidder, COUNT(*), window_start, window_end
  FROM TABLE(SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
  GROUP BY bidder, window_start, window_end;
