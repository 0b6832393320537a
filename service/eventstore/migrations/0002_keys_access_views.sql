-- What stands beside the log: member keys (R40), clients of the API, and the room of the views.

CREATE SCHEMA keys;
CREATE TABLE keys.member_keys (
    member_id text NOT NULL,
    purpose text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, purpose)
);
-- Which master key wraps them, as a fingerprint: starting with another one would make every name
-- unreadable and new ones unreadable to everybody else.
CREATE TABLE keys.master (
    fingerprint bytea NOT NULL,
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row)
);
GRANT USAGE ON SCHEMA keys TO {app};
-- A key is made once and never altered; no UPDATE.
GRANT SELECT, INSERT ON keys.member_keys, keys.master TO {app};

CREATE SCHEMA access;
CREATE TABLE access.clients (
    client_id text PRIMARY KEY,
    secret_hash bytea NOT NULL,
    name text NOT NULL,
    organisation_id text NOT NULL,
    kind text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
GRANT USAGE ON SCHEMA access TO {app};
GRANT SELECT, INSERT ON access.clients TO {app};
GRANT UPDATE (revoked_at) ON access.clients TO {app};

-- Views are disposable: the service builds, swaps and drops their tables itself.
CREATE SCHEMA views AUTHORIZATION {app};
