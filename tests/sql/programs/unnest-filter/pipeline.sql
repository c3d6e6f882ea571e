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

CREATE TABLE `sink_t` (id INT, name STRING, price DECIMAL(10, 2), s BIGINT) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR}/output/sink_t',
  'format' = 'json'
);

INSERT INTO sink_t SELECT id, t.name, t.price, CHAR_LENGTH(t.name) FROM source_t, UNNEST(items) AS t (name, price) WHERE t.price > 2 AND id < 5;
