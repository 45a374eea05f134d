-- +goose Up

ALTER TABLE changes ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN basis TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN rival_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN rival TEXT;
ALTER TABLE changes ADD COLUMN bill_from TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN decision_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN decided TEXT NOT NULL DEFAULT '';

-- What persons decided about rows that waited for them. A decision is spent once a run carried it out or the facts moved on.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    binding INTEGER NOT NULL,
    -- The row decided on; it may be pruned before the decision is.
    change_id INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    natural_key TEXT NOT NULL,
    serial TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    choice TEXT NOT NULL,
    shown TEXT NOT NULL,
    basis TEXT NOT NULL,
    bill_from TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    spent_at TEXT,
    -- In words: written by which run, or overtaken by which facts.
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX decisions_open ON decisions (account_id, binding, kind, natural_key) WHERE spent_at IS NULL;
CREATE INDEX decisions_account ON decisions (account_id, id);
CREATE INDEX decisions_change ON decisions (change_id);

-- Since when, and why, nothing is written for a tenant (R53); empty while it is synchronised. Ending is set while a person's
-- request to end the tenant's billing waits to be carried out.
ALTER TABLE tenants ADD COLUMN frozen_since TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN frozen_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN ending_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN ending_since TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant_runs ADD COLUMN ending BOOLEAN NOT NULL DEFAULT FALSE;

-- A removed account keeps its name and history; its keys are gone and its ConnectWise company is free (R56).
ALTER TABLE accounts ADD COLUMN removed_at TEXT;

-- What may have been written without our knowing is asked for before every create, so it must not cost a walk through the history.
DROP INDEX changes_sending;
CREATE INDEX changes_unclear ON changes (account_id, binding, kind, parent_id, natural_key)
    WHERE status = 'sending' OR status = 'failed' AND reason = 'maybe_done';

-- +goose Down
DROP INDEX changes_unclear;
CREATE INDEX changes_sending ON changes (account_id, binding, kind, parent_id, natural_key) WHERE status = 'sending';
ALTER TABLE accounts DROP COLUMN removed_at;
ALTER TABLE tenant_runs DROP COLUMN ending;
ALTER TABLE tenants DROP COLUMN ending_since;
ALTER TABLE tenants DROP COLUMN ending_by;
ALTER TABLE tenants DROP COLUMN frozen_reason;
ALTER TABLE tenants DROP COLUMN frozen_since;
DROP TABLE decisions;
ALTER TABLE changes DROP COLUMN decided;
ALTER TABLE changes DROP COLUMN decision_id;
ALTER TABLE changes DROP COLUMN bill_from;
ALTER TABLE changes DROP COLUMN rival;
ALTER TABLE changes DROP COLUMN rival_id;
ALTER TABLE changes DROP COLUMN basis;
ALTER TABLE changes DROP COLUMN link;
