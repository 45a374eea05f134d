-- +goose Up

-- Times are text of one width in UTC (2026-11-23T01:00:00.000000Z), so that they sort as they pass; NULL where there is none.
-- Dates are YYYY-MM-DD, empty where there is none. JSON is NULL where there is nothing to say.

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT NOT NULL DEFAULT '',
    msw_url TEXT NOT NULL DEFAULT '',
    msw_zone TEXT NOT NULL DEFAULT '',
    zone_setting TEXT NOT NULL DEFAULT '',
    cwm_host TEXT NOT NULL DEFAULT '',
    cwm_company TEXT NOT NULL DEFAULT '',
    -- Host and company as one, folded: two spellings of one ConnectWise company are one. NULL while not configured.
    cwm_identity TEXT,
    cwm_public_key TEXT NOT NULL DEFAULT '',
    calls_at_once INTEGER NOT NULL DEFAULT 0,
    calls_per_second REAL NOT NULL DEFAULT 0,
    options TEXT,
    limits TEXT,
    tickets TEXT,
    binding INTEGER NOT NULL DEFAULT 0,
    keys_version INTEGER NOT NULL DEFAULT 0,
    mysonicwall_key BLOB,
    connectwise_key BLOB,
    current_run_id INTEGER,
    companies_read_at TEXT,
    created_at TEXT NOT NULL,
    set_up_at TEXT
);
CREATE UNIQUE INDEX accounts_name ON accounts (name);
CREATE UNIQUE INDEX accounts_cwm_identity ON accounts (cwm_identity);

CREATE TABLE companies (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    binding INTEGER NOT NULL,
    id INTEGER NOT NULL,
    identifier TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    deleted BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, binding, id)
) WITHOUT ROWID;

CREATE TABLE agreements (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    binding INTEGER NOT NULL,
    id INTEGER NOT NULL,
    company_id INTEGER NOT NULL,
    parent_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    cycle_name TEXT NOT NULL,
    cycle TEXT NOT NULL,
    one_time BOOLEAN NOT NULL,
    start_date TEXT NOT NULL,
    end_date TEXT NOT NULL,
    bill_start TEXT NOT NULL,
    next_invoice TEXT NOT NULL,
    cancelled BOOLEAN NOT NULL,
    prorate BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (account_id, binding, id)
) WITHOUT ROWID;
CREATE INDEX agreements_company ON agreements (account_id, binding, company_id);

CREATE TABLE tenants (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Name and id folded for searching and sorting: SQLite folds ASCII only, so it is done before.
    search TEXT NOT NULL,
    missing BOOLEAN NOT NULL,
    first_seen_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    -- The newest sync run in which the tenant ended, and the newest that planned it (whose held changes stand).
    last_run_id INTEGER,
    planned_run_id INTEGER,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX tenants_name ON tenants (account_id, name);
CREATE INDEX tenants_search ON tenants (account_id, search);

CREATE TABLE mappings (
    account_id INTEGER NOT NULL,
    binding INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    company_id INTEGER NOT NULL,
    agreement_id INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (account_id, binding, tenant_id),
    FOREIGN KEY (account_id, tenant_id) REFERENCES tenants (account_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX mappings_tenant ON mappings (account_id, tenant_id);

CREATE TABLE reports (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    complete BOOLEAN NOT NULL,
    read_at TEXT,
    error TEXT NOT NULL DEFAULT '',
    error_at TEXT,
    PRIMARY KEY (account_id, tenant_id)
);

CREATE TABLE products (
    account_id INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    serial TEXT NOT NULL,
    name TEXT NOT NULL,
    raw_name TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    line TEXT NOT NULL,
    tier TEXT NOT NULL,
    trial BOOLEAN NOT NULL,
    billable BOOLEAN NOT NULL,
    registered TEXT NOT NULL,
    status TEXT NOT NULL,
    services TEXT,
    problems TEXT,
    PRIMARY KEY (account_id, tenant_id, position),
    FOREIGN KEY (account_id, tenant_id) REFERENCES reports (account_id, tenant_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX products_serial ON products (account_id, serial);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    binding INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    phase TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    local_date TEXT NOT NULL,
    night BOOLEAN NOT NULL,
    everything BOOLEAN NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    workflow_id TEXT NOT NULL,
    temporal_id TEXT NOT NULL,
    tenants_total INTEGER NOT NULL DEFAULT 0,
    tenants_synced INTEGER NOT NULL DEFAULT 0,
    tenants_failed INTEGER NOT NULL DEFAULT 0,
    tenants_skipped INTEGER NOT NULL DEFAULT 0,
    changes_planned INTEGER NOT NULL DEFAULT 0,
    changes_applied INTEGER NOT NULL DEFAULT 0,
    changes_failed INTEGER NOT NULL DEFAULT 0,
    changes_skipped INTEGER NOT NULL DEFAULT 0,
    changes_held INTEGER NOT NULL DEFAULT 0,
    changes_stale INTEGER NOT NULL DEFAULT 0,
    calls_connectwise INTEGER NOT NULL DEFAULT 0,
    calls_mysonicwall INTEGER NOT NULL DEFAULT 0,
    collected INTEGER NOT NULL DEFAULT 0,
    compared INTEGER NOT NULL DEFAULT 0,
    shared_total INTEGER NOT NULL DEFAULT 0,
    shared_done INTEGER NOT NULL DEFAULT 0,
    to_write INTEGER NOT NULL DEFAULT 0,
    written INTEGER NOT NULL DEFAULT 0,
    slowdowns INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_account ON runs (account_id, kind, id);
CREATE INDEX runs_started ON runs (account_id, started_at);
-- One nightly run for each account and local date: on the days when clocks change, 01:00 comes twice or not at all.
CREATE UNIQUE INDEX runs_night ON runs (account_id, local_date) WHERE night;
CREATE UNIQUE INDEX runs_temporal ON runs (temporal_id) WHERE temporal_id <> '';

CREATE TABLE run_requests (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    request_id TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, request_id)
) WITHOUT ROWID;
CREATE INDEX run_requests_run ON run_requests (run_id);

CREATE TABLE tenant_runs (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL,
    account_id INTEGER NOT NULL,
    tenant_name TEXT NOT NULL,
    search TEXT NOT NULL,
    company_id INTEGER NOT NULL,
    agreement_id INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    need_sync BOOLEAN NOT NULL DEFAULT FALSE,
    unchanged INTEGER NOT NULL DEFAULT 0,
    changes_planned INTEGER NOT NULL DEFAULT 0,
    changes_applied INTEGER NOT NULL DEFAULT 0,
    changes_failed INTEGER NOT NULL DEFAULT 0,
    changes_skipped INTEGER NOT NULL DEFAULT 0,
    changes_held INTEGER NOT NULL DEFAULT 0,
    changes_stale INTEGER NOT NULL DEFAULT 0,
    started_at TEXT,
    ended_at TEXT,
    PRIMARY KEY (run_id, tenant_id)
) WITHOUT ROWID;
CREATE INDEX tenant_runs_tenant ON tenant_runs (account_id, tenant_id, run_id);

CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    binding INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    preview BOOLEAN NOT NULL,
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    natural_key TEXT NOT NULL,
    parent_id INTEGER NOT NULL,
    serial TEXT NOT NULL,
    subject TEXT NOT NULL,
    search TEXT NOT NULL,
    cwm_id INTEGER NOT NULL,
    before_fields TEXT,
    after_fields TEXT,
    answer TEXT,
    facts TEXT,
    why TEXT,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    vendor_answer TEXT NOT NULL,
    needs TEXT,
    next_invoice TEXT NOT NULL,
    bills_zero BOOLEAN NOT NULL,
    sending_at TEXT,
    ended_at TEXT
);
CREATE INDEX changes_run ON changes (run_id, tenant_id, id);
CREATE INDEX changes_account ON changes (account_id, id);
CREATE INDEX changes_tenant ON changes (account_id, tenant_id, id);
CREATE INDEX changes_serial ON changes (account_id, serial) WHERE serial <> '';
CREATE INDEX changes_sending ON changes (account_id, binding, kind, parent_id, natural_key) WHERE status = 'sending';
CREATE INDEX changes_held ON changes (account_id, run_id, tenant_id) WHERE status = 'held';

CREATE TABLE managed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    binding INTEGER NOT NULL,
    kind TEXT NOT NULL,
    natural_key TEXT NOT NULL,
    parent_id INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    serial TEXT NOT NULL,
    cwm_id INTEGER NOT NULL,
    last_applied TEXT,
    facts TEXT,
    missed_since TEXT NOT NULL,
    ended_by_hand TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE UNIQUE INDEX managed_key ON managed (account_id, binding, kind, parent_id, natural_key);
CREATE UNIQUE INDEX managed_record ON managed (account_id, binding, kind, cwm_id) WHERE cwm_id <> 0;
CREATE INDEX managed_tenant ON managed (account_id, binding, tenant_id);
CREATE INDEX managed_serial ON managed (account_id, binding, serial) WHERE serial <> '';

CREATE TABLE log_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL,
    tenant_name TEXT NOT NULL,
    written_at TEXT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Written with a plan and replaced with it, so that a compare made twice is told once.
    planned BOOLEAN NOT NULL
);
CREATE INDEX log_lines_run ON log_lines (run_id, id);
CREATE INDEX log_lines_planned ON log_lines (run_id, tenant_id) WHERE planned;

CREATE TABLE setup_steps (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    fix TEXT NOT NULL,
    answer TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    PRIMARY KEY (account_id, position)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE setup_steps;
DROP TABLE log_lines;
DROP TABLE managed;
DROP TABLE changes;
DROP TABLE tenant_runs;
DROP TABLE run_requests;
DROP TABLE runs;
DROP TABLE products;
DROP TABLE reports;
DROP TABLE mappings;
DROP TABLE tenants;
DROP TABLE agreements;
DROP TABLE companies;
DROP TABLE accounts;
