-- What auctions of a category close at, on average.
CREATE TABLE nexmark_result (category BIGINT, price BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT closed.category, AVG(closed.price) FROM (
  SELECT a.category AS category, MAX(b.price) AS price FROM auction AS a JOIN bid AS b ON a.id = b.auction
    WHERE b.`dateTime` BETWEEN a.`dateTime` AND a.expires GROUP BY a.id, a.category) AS closed GROUP BY closed.category;
