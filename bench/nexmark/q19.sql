-- The ten highest bids of each auction.
CREATE TABLE nexmark_result (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING,
  place BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, bidder, price, channel, url, `dateTime`, extra, place FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM bid) AS placed WHERE place <= 10;
