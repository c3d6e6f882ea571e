SET 'table.local-time-zone' = 'UTC';

CREATE TABLE `source_t` (
  id INT,
  tags ARRAY<STRING>,
  counts MAP<STRING, INT>,
  items ARRAY<ROW<name STRING, price DECIMAL(10, 2)>>,
  deep ROW<nums ARRAY<INT NOT NULL>, name STRING>
) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR}/input/source_t.jsonl',
  'format' = 'json'
);

CREATE TABLE `sink_t` (id INT, tag STRING, num INT) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR}/output/sink_t',
  'format' = 'json'
);

INSERT INTO sink_t SELECT id, tag, num FROM source_t AS s CROSS JOIN UNNEST(s.tags) AS t (tag) LEFT JOIN UNNEST(s.deep.nums) AS n (num) ON TRUE;
