-- Rows as they are, nine of ten.
CREATE TABLE seen (made BIGINT, doubled BIGINT, ts TIMESTAMP(3)) WITH ('connector' = 'print');
INSERT INTO seen SELECT made, id * 2, ts FROM events WHERE MOD(id, 10) < 9;
