-- Bids with their auctions, of one category.
CREATE TABLE nexmark_result (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, bid_time TIMESTAMP(3), itemName STRING,
  initialBid BIGINT, reserve BIGINT, auction_time TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT) WITH (@SINK@);
INSERT INTO nexmark_result SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.`dateTime`, a.itemName, a.initialBid, a.reserve,
    a.`dateTime`, a.expires, a.seller, a.category
  FROM bid AS b JOIN auction AS a ON b.auction = a.id WHERE a.category = 10;
