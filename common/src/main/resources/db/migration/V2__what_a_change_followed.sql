-- What stood when stock was booked, so that an audit can tell whether it lies between a refusal at the door and a later sale.

ALTER TABLE stock_changes
    ADD COLUMN version     BIGINT NOT NULL DEFAULT 0 COMMENT 'the row''s version after it',
    ADD COLUMN line_ticket BIGINT NOT NULL DEFAULT 0 COMMENT 'highest ticket that was decided on the row before it';
