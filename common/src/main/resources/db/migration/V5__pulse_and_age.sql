-- What shows whether the database takes writes at all: a backup's global lock, a full disk or a standby that does not answer hold up a row
-- that nobody needs as they hold up orders.

CREATE TABLE pulse (
    only_one TINYINT NOT NULL PRIMARY KEY COMMENT 'always 1',
    beats    BIGINT  NOT NULL COMMENT 'how often a worker wrote here because orders waited long for a lock'
);

INSERT INTO pulse (only_one, beats) VALUES (1, 0);

-- One epoch for one loss: whoever saw the loss asks with the mark of the memory, and gets what was given for it.

ALTER TABLE epochs ADD COLUMN mark VARCHAR(200) NULL COMMENT 'of the memory that the last epoch was given for';

-- What may be deleted is told by one clock, this database's, and by what the topics still hold.

ALTER TABLE orders ADD COLUMN recorded_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'clock of the database';

CREATE TABLE topic_ends (
    taken_at TIMESTAMP(6) NOT NULL PRIMARY KEY COMMENT 'clock of the database',
    ends     JSON         NOT NULL COMMENT '{"topic-partition": offset of the next record}; what was recorded before lies before these'
);
