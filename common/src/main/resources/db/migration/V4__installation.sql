-- Which installation this ledger belongs to. Processes compare it with what Redis and Kafka hold, so that two installations never share a line.

CREATE TABLE installation (
    only_one TINYINT    NOT NULL PRIMARY KEY COMMENT 'always 1',
    id       CHAR(36)   NOT NULL COMMENT 'UUID; also in the state of the line and in the topic orders.installation',
    secret   BINARY(32) NOT NULL COMMENT 'key of the HMAC that turns an idempotency key into an order id; leaves the ledger nowhere else'
);
