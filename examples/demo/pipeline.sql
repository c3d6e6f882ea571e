-- The history of weir's own source, a row for each area that a commit has changed: how much work each area has been, and each hour.
-- Files that get into the directory `in` are read as they come; what is there already, first.
SET 'pipeline.name' = 'work on weir';

CREATE TABLE changes (
  commit_id STRING,
  `at` TIMESTAMP(3),
  area STRING,
  added BIGINT,
  deleted BIGINT,
  WATERMARK FOR `at` AS `at` - INTERVAL '1' MINUTE
) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json', 'source.monitor-interval' = '200 ms');

CREATE TABLE areas (
  area STRING,
  commits BIGINT,
  lines_added BIGINT,
  PRIMARY KEY (area) NOT ENFORCED
) WITH ('connector' = 'print');

CREATE TABLE hours (
  begins TIMESTAMP(3),
  commits BIGINT,
  lines_added BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'hours', 'format' = 'csv');

EXECUTE STATEMENT SET
BEGIN
INSERT INTO areas
SELECT area, COUNT(*), SUM(added) FROM changes GROUP BY area;

INSERT INTO hours
SELECT window_start, COUNT(DISTINCT commit_id), SUM(added)
FROM TABLE(TUMBLE(TABLE changes, DESCRIPTOR(`at`), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;
END;
