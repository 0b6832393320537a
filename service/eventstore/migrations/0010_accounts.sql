-- Signing in: what proves that somebody is who an account belongs to.
--
-- Who has an account, and what for, are facts and stand in the log. Here is what must be able to
-- change or be forgotten: passwords (argon2id), secrets of one-time codes (sealed under a key that
-- is not in the database), sessions, and what was used once and must not be used again.

CREATE TABLE access.credentials (
    account_id text PRIMARY KEY,
    login text NOT NULL UNIQUE CHECK (login = lower(login)),
    password_hash text NOT NULL,
    -- Given out by somebody else, good for nothing but choosing one of one's own.
    initial boolean NOT NULL,
    totp_secret bytea NOT NULL,
    -- The last half minute whose code was used: a code that was overheard is of no use.
    totp_step bigint NOT NULL DEFAULT 0,
    issuer text,
    subject text,
    UNIQUE (issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.credentials TO {app};

-- Tries to sign in, by a keyed hash of whatever was given as the name: a name that nobody has is
-- locked like one that somebody has. A try is counted before it is judged.
CREATE TABLE access.sign_in_tries (
    login_hash bytea PRIMARY KEY,
    tries integer NOT NULL,
    forgotten_at timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_by_end ON access.sign_in_tries (forgotten_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.sign_in_tries TO {app};

CREATE TABLE access.sessions (
    session_id uuid PRIMARY KEY,
    account_id text NOT NULL,
    -- How often it was renewed. A renewal token of an earlier generation was stolen by somebody or
    -- from somebody: the session ends.
    generation integer NOT NULL DEFAULT 0,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_by_account ON access.sessions (account_id);
GRANT SELECT, INSERT, DELETE ON access.sessions TO {app};
GRANT UPDATE (generation, ended_at) ON access.sessions TO {app};

-- An account that was closed, or is about to get other credentials: tokens issued before are
-- refused. To one that is closed for good no credentials are given any more.
CREATE TABLE access.closed_accounts (
    account_id text PRIMARY KEY,
    closed_at timestamptz NOT NULL DEFAULT now(),
    for_good boolean NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON access.closed_accounts TO {app};

CREATE TABLE access.used_tokens (
    issuer text NOT NULL,
    jti text NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, jti)
);
GRANT SELECT, INSERT, DELETE ON access.used_tokens TO {app};

-- Access tokens are signed with keys that follow from the master key and a generation; which
-- generation signs, and which is not believed any more, stands here.
CREATE TABLE access.token_keys (
    generation integer PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
INSERT INTO access.token_keys (generation) VALUES (0);
GRANT SELECT, INSERT ON access.token_keys TO {app};
GRANT UPDATE (revoked_at) ON access.token_keys TO {app};

-- A client may identify itself by a key of its own instead of a secret.
ALTER TABLE access.clients ALTER COLUMN secret_hash DROP NOT NULL;
ALTER TABLE access.clients ADD COLUMN public_key text;
ALTER TABLE access.clients ADD CHECK ((secret_hash IS NULL) <> (public_key IS NULL));
