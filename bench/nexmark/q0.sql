-- Rows as they are: what reading and handing on costs.
CREATE TABLE nexmark_result (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3), extra STRING) WITH (@SINK@);
INSERT INTO nexmark_result SELECT auction, bidder, price, `dateTime`, extra FROM bid;
