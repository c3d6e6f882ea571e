-- The last bid of each bidder on each auction.
CREATE TABLE nexmark_result (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING)
  WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, bidder, price, channel, url, `dateTime`, extra FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY `dateTime` DESC) AS place FROM bid) AS placed WHERE place <= 1;
