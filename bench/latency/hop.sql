-- Overlapping windows: how old their last events are.
CREATE TABLE seen (made BIGINT, kind BIGINT, events BIGINT, until TIMESTAMP(3)) WITH ('connector' = 'print');
INSERT INTO seen SELECT MAX(made), MOD(id, 10), COUNT(*), window_end
  FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '5' SECOND)) GROUP BY MOD(id, 10), window_start, window_end;
