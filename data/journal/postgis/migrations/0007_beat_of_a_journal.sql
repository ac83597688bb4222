-- A beat is of one journal: a console that joins just after another was begun must not take the time of the one before.

ALTER TABLE beat ADD COLUMN journal_id bigint;
UPDATE beat SET journal_id = (SELECT journal_id FROM head);
DELETE FROM beat WHERE journal_id IS NULL;
ALTER TABLE beat ALTER COLUMN journal_id SET NOT NULL;
