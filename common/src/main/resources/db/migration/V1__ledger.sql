-- The ledger: stored stock and one row per decided order. Runs on MySQL 8.0 and MariaDB 11.4.

CREATE TABLE stock (
    product_id  BIGINT NOT NULL PRIMARY KEY,
    quantity    INT    NOT NULL,
    version     BIGINT NOT NULL DEFAULT 1 COMMENT 'grows with every change; orders writes to the cache',
    line_fence  BIGINT NOT NULL DEFAULT 0 COMMENT 'fencing token of the last run of the ticket line that read this row',
    line_ticket BIGINT NOT NULL DEFAULT 0 COMMENT 'highest ticket decided on this row',
    lock_fence  BIGINT NOT NULL DEFAULT 0 COMMENT 'fencing token of the last Redlock holder that read this row',
    CONSTRAINT stock_is_never_negative CHECK (quantity >= 0)
);

CREATE TABLE orders (
    commit_seq  BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'taken under the row locks of the products: per product, commit order',
    order_id    BINARY(16)  NOT NULL,
    mode        VARCHAR(16) NOT NULL,
    status      VARCHAR(16) NOT NULL,
    order_lines JSON        NOT NULL COMMENT '[[productId, quantity], ...]',
    outcome     JSON        NOT NULL COMMENT 'what the customer was answered',
    ticket      BIGINT      NULL COMMENT 'fair mode only',
    fence       BIGINT      NOT NULL COMMENT 'fencing token under which it was decided; 0 where no stock row was read',
    overtaken   BOOLEAN     NOT NULL DEFAULT FALSE COMMENT 'a later ticket had been decided before it',
    replay_run  VARCHAR(64) NULL COMMENT 'the replay that made it; null for a customer',
    accepted_at DATETIME(6) NOT NULL COMMENT 'UTC, clock of the API',
    decided_at  DATETIME(6) NOT NULL COMMENT 'UTC, clock of the worker',
    UNIQUE KEY orders_have_one_outcome (order_id)
);

CREATE TABLE stock_changes (
    id         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id BIGINT      NOT NULL,
    difference INT         NOT NULL COMMENT 'sum per product = what was ever put in; minus fulfilled lines = stock.quantity',
    changed_at DATETIME(6) NOT NULL,
    KEY stock_changes_by_product (product_id)
);

CREATE TABLE epochs (
    scope VARCHAR(32) NOT NULL PRIMARY KEY,
    epoch BIGINT      NOT NULL
);

INSERT INTO epochs (scope, epoch) VALUES ('line', 0), ('redlock', 0);
