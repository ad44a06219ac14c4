-- What is left of decided orders whose rows were deleted because they were old, so that all sums still come out.

ALTER TABLE stock_changes
    MODIFY difference BIGINT NOT NULL COMMENT 'sum per product = what was ever put in, less what deleted orders got; minus fulfilled lines = stock.quantity',
    ADD COLUMN retired TINYINT NULL COMMENT '1 in the one row per product that stands for deleted orders: less the pieces they got, and their highest ticket; null: stock was booked',
    ADD UNIQUE KEY stock_changes_have_one_retired (product_id, retired);

CREATE TABLE retention (
    id         TINYINT     NOT NULL PRIMARY KEY,
    decided_to DATETIME(6) NOT NULL COMMENT 'UTC; of the orders that were decided until then, rows were deleted',
    orders     BIGINT      NOT NULL COMMENT 'how many'
);

INSERT INTO retention (id, decided_to, orders) VALUES (1, '1970-01-01 00:00:00', 0);
