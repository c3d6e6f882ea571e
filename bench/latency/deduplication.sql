-- The last row of each of 100000 keys.
CREATE TABLE seen (made BIGINT, id BIGINT, ts TIMESTAMP(3)) WITH ('connector' = 'print');
INSERT INTO seen SELECT made, id, ts FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) AS place FROM events) AS placed WHERE place = 1;
