CREATE TABLE account (
    name text PRIMARY KEY,
    role text NOT NULL,
    password_hash text,
    is_disabled boolean NOT NULL,
    created_at_s double precision NOT NULL,
    oidc_subject text UNIQUE,
    failed_attempts integer NOT NULL,
    locked_until_s double precision NOT NULL
);
CREATE TABLE token (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    role text NOT NULL,
    secret_hash text NOT NULL,
    expires_at_s double precision NOT NULL,
    is_disabled boolean NOT NULL,
    created_at_s double precision NOT NULL,
    last_used_at_s double precision
);
CREATE TABLE login (
    key text PRIMARY KEY,
    secret_hash text NOT NULL UNIQUE,
    name text NOT NULL,
    link_role text,
    account text REFERENCES account (name),
    opened_at_s double precision NOT NULL,
    seen_at_s double precision NOT NULL,
    memory text NOT NULL,
    csrf text NOT NULL,
    CHECK ((account IS NULL) = (link_role IS NOT NULL))
);
CREATE INDEX login_account ON login (account);
CREATE TABLE change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_s double precision NOT NULL,
    done_by text NOT NULL,
    what text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE carried (reader text PRIMARY KEY, number bigint NOT NULL);
