-- The highest bid of each window.
CREATE TABLE nexmark_result (auction BIGINT, price BIGINT, bidder BIGINT, `dateTime` TIMESTAMP(3), extra STRING) WITH (@SINK@);
INSERT INTO nexmark_result SELECT b.auction, b.price, b.bidder, b.`dateTime`, b.extra FROM bid AS b JOIN (
  SELECT MAX(price) AS price, window_end AS until FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
    GROUP BY window_start, window_end) AS highest ON b.price = highest.price
  WHERE b.`dateTime` BETWEEN highest.until - INTERVAL '10' SECOND AND highest.until;
