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

CREATE TABLE `sink_t` (id INT, k STRING, v INT, tag STRING, n INT) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR}/output/sink_t',
  'format' = 'json'
);

INSERT INTO sink_t SELECT id, k, v, tag, n FROM source_t CROSS JOIN UNNEST(counts) AS t (k, v) CROSS JOIN UNNEST(tags) WITH ORDINALITY AS o (tag, n);
