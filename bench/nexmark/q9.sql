-- The winning bid of each auction.
CREATE TABLE nexmark_result (id BIGINT, itemName STRING, seller BIGINT, category BIGINT, auction BIGINT, bidder BIGINT, price BIGINT,
  `dateTime` TIMESTAMP(3)) WITH (@SINK@);
INSERT INTO nexmark_result SELECT id, itemName, seller, category, auction, bidder, price, bid_time FROM (
  SELECT a.id, a.itemName, a.seller, a.category, b.auction, b.bidder, b.price, b.`dateTime` AS bid_time,
    ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.`dateTime` ASC) AS place
    FROM auction AS a JOIN bid AS b ON a.id = b.auction WHERE b.`dateTime` BETWEEN a.`dateTime` AND a.expires) AS placed
  WHERE place <= 1;
