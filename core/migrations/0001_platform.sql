-- The platform: sites, operators, jobs, and the functions every other migration uses.
-- Run by the owner role. Sites' tables carry tenant_id first in every key and are guarded by
-- row-level security, enabled and forced; without a tenant set they show no rows.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Row numbers: milliseconds since 2024 and a counter, so that one flush can use them before it ran
-- and no sequence is shared between sites. 62 bits: JSON shows them as strings.
CREATE SEQUENCE vt_id_counter;

CREATE FUNCTION vt_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000) << 20
           | (nextval('vt_id_counter') & 1048575)
$$;

-- Microseconds since 1970, the form in which times leave the database.
CREATE FUNCTION vt_us(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM t) * 1000000)::bigint
$$;

-- A guard: refuses the whole unit with a code of ours when `ok` isn't true.
CREATE FUNCTION vt_require(ok boolean, code text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF ok IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'VT001', MESSAGE = code;
    END IF;
    RETURN true;
END
$$;

-- Makes a table a site's: policies compare the setting only.
CREATE FUNCTION vt_tenant_table(name regclass, rights text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %s TO vitrine_app USING '
        '(tenant_id = NULLIF(current_setting(''vitrine.tenant'', true), '''')::bigint)', name);
    EXECUTE format('GRANT %s ON %s TO vitrine_app', rights, name);
END
$$;

-- Lets the platform role see a site's table across sites.
CREATE FUNCTION vt_platform_table(name regclass, rights text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY platform ON %s TO vitrine_platform USING (true)', name);
    EXECUTE format('GRANT %s ON %s TO vitrine_platform', rights, name);
END
$$;

GRANT USAGE ON SEQUENCE vt_id_counter TO vitrine_app, vitrine_platform;

CREATE TABLE site (
    tenant_id bigint PRIMARY KEY DEFAULT vt_id(),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{1,38}[a-z0-9])$'),
    -- What the address looks like: two sites never look alike.
    skeleton text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'creating'
        CHECK (state IN ('creating', 'open', 'suspended', 'closed')),
    plan text NOT NULL DEFAULT 'standard',
    practice boolean NOT NULL DEFAULT true,
    currency text NOT NULL,
    time_zone text NOT NULL,
    languages text[] NOT NULL,
    branding jsonb NOT NULL DEFAULT '{}',
    texts jsonb NOT NULL DEFAULT '{}',
    contact jsonb NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);
SELECT vt_tenant_table('site', 'SELECT, UPDATE');
SELECT vt_platform_table('site', 'SELECT, INSERT, UPDATE, DELETE');

-- Raised by every change of the office, in its transaction; never by a sale.
CREATE TABLE site_revision (
    tenant_id bigint PRIMARY KEY REFERENCES site ON DELETE CASCADE,
    revision bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX site_revision_changed ON site_revision (changed_at);
SELECT vt_tenant_table('site_revision', 'SELECT, INSERT, UPDATE');
SELECT vt_platform_table('site_revision', 'SELECT, INSERT, UPDATE');

CREATE TABLE operator (
    operator_id bigint PRIMARY KEY DEFAULT vt_id(),
    email text NOT NULL,
    email_folded text NOT NULL UNIQUE,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('operator', 'account_manager')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON operator TO vitrine_platform;

CREATE TABLE operator_session (
    token_hash bytea PRIMARY KEY,
    operator_id bigint NOT NULL REFERENCES operator ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX operator_session_expiry ON operator_session (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON operator_session TO vitrine_platform;

-- Work that follows from a transaction, written in it. Picking one up commits a lease; the attempt
-- number fences late finishers.
CREATE TABLE job (
    tenant_id bigint NOT NULL,
    job_id bigint NOT NULL DEFAULT vt_id(),
    kind text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    -- At most one waiting job of a kind has the same non-null key.
    once_key text,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    run_at timestamptz NOT NULL,
    attempt int NOT NULL DEFAULT 0,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX job_due ON job (run_at) WHERE state = 'waiting';
CREATE INDEX job_site ON job (tenant_id, state, run_at);
CREATE UNIQUE INDEX job_once ON job (tenant_id, kind, once_key) WHERE state = 'waiting';
SELECT vt_tenant_table('job', 'SELECT, INSERT');
SELECT vt_platform_table('job', 'SELECT, INSERT, UPDATE, DELETE');

-- Tries on logins and codes, counted here and not in the cache. Tenant 0 is the platform itself.
CREATE TABLE attempt (
    tenant_id bigint NOT NULL,
    key bytea NOT NULL,
    window_ends_at timestamptz NOT NULL,
    tries int NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX attempt_ends ON attempt (tenant_id, window_ends_at);
SELECT vt_tenant_table('attempt');
SELECT vt_platform_table('attempt', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE audit (
    tenant_id bigint NOT NULL,
    audit_id bigint NOT NULL DEFAULT vt_id(),
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id bigint,
    actor_name text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb,
    PRIMARY KEY (tenant_id, audit_id)
);
CREATE INDEX audit_object ON audit (tenant_id, object_kind, object_id, audit_id);
SELECT vt_tenant_table('audit', 'SELECT, INSERT');
SELECT vt_platform_table('audit', 'SELECT, INSERT');

-- What a failing plugin did, per site: seen by the manager and the account manager.
CREATE TABLE plugin_error (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    plugin text NOT NULL,
    place text NOT NULL,
    message text NOT NULL,
    detail text NOT NULL DEFAULT '',
    happened bigint NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- Set while the plugin is switched off for the site because it kept failing.
    tripped_until timestamptz,
    PRIMARY KEY (tenant_id, plugin, place, message)
);
CREATE INDEX plugin_error_last ON plugin_error (last_at);
SELECT vt_tenant_table('plugin_error');
SELECT vt_platform_table('plugin_error', 'SELECT, DELETE');
