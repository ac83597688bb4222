CREATE TABLE account (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password_hash TEXT,
    is_disabled INTEGER NOT NULL,
    created_at_s REAL NOT NULL,
    oidc_subject TEXT UNIQUE,
    failed_attempts INTEGER NOT NULL,
    locked_until_s REAL NOT NULL
) STRICT;
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    expires_at_s REAL NOT NULL,
    is_disabled INTEGER NOT NULL,
    created_at_s REAL NOT NULL,
    last_used_at_s REAL
) STRICT;
CREATE TABLE login (
    key TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    link_role TEXT,
    account TEXT REFERENCES account (name),
    opened_at_s REAL NOT NULL,
    seen_at_s REAL NOT NULL,
    memory TEXT NOT NULL,
    csrf TEXT NOT NULL,
    CHECK ((account IS NULL) = (link_role IS NOT NULL))
) STRICT;
CREATE INDEX login_account ON login (account);
CREATE TABLE change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s REAL NOT NULL,
    done_by TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE carried (reader TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
