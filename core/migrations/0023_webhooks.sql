-- Outgoing webhooks: where a site's events are sent, the events (an outbox, written in the
-- transaction of what they tell), and what became of each delivery.

-- Jobs that wait for machines of strangers have a lane of their own (1).
ALTER TABLE job ADD COLUMN lane smallint NOT NULL DEFAULT 0;
CREATE INDEX job_slow_due ON job (run_at) WHERE state = 'waiting' AND lane = 1;

CREATE TABLE webhook_endpoint (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    endpoint_id bigint NOT NULL DEFAULT vt_id(),
    version bigint NOT NULL DEFAULT 1,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Names of events.
    events text[] NOT NULL,
    -- failed: nothing arrived for days.
    state text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'failed')),
    -- Sealed. The one before is good for a day after a new one was made.
    secret text NOT NULL,
    secret_at timestamptz NOT NULL,
    secret_by bigint NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    -- Since when every try has failed.
    failing_since timestamptz,
    -- The job that is sending, and until when it may.
    sending_job bigint,
    sending_until timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, endpoint_id)
);
SELECT vt_tenant_table('webhook_endpoint');

CREATE TABLE webhook_event (
    tenant_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
    event_id bigint NOT NULL,
    type text NOT NULL,
    object_id bigint NOT NULL,
    -- What the object itself doesn't tell of the change.
    facts jsonb NOT NULL DEFAULT '{}',
    -- As it is sent; made up before the first try, the same bytes in every one.
    body text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX webhook_event_age ON webhook_event (tenant_id, created_at);
SELECT vt_tenant_table('webhook_event');

CREATE TABLE webhook_delivery (
    tenant_id bigint NOT NULL,
    delivery_id bigint NOT NULL DEFAULT vt_id(),
    endpoint_id bigint NOT NULL,
    event_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'delivered', 'given_up', 'stopped')),
    tries int NOT NULL DEFAULT 0,
    -- Sent again by hand: the tries and the time before don't count.
    round_tries int NOT NULL DEFAULT 0,
    round_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, delivery_id),
    FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoint ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, event_id) REFERENCES webhook_event ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant_id, endpoint_id, next_at)
    WHERE state = 'waiting';
CREATE INDEX webhook_delivery_log ON webhook_delivery (tenant_id, endpoint_id, delivery_id);
CREATE INDEX webhook_delivery_state ON webhook_delivery (tenant_id, endpoint_id, state, delivery_id);
CREATE INDEX webhook_delivery_event ON webhook_delivery (tenant_id, event_id);
SELECT vt_tenant_table('webhook_delivery');

CREATE TABLE webhook_try (
    tenant_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    number int NOT NULL,
    at timestamptz NOT NULL,
    took_ms int NOT NULL,
    -- Of the answer; without one, `fault` says why.
    status int,
    fault text,
    -- Its beginning.
    answer text,
    PRIMARY KEY (tenant_id, delivery_id, number),
    FOREIGN KEY (tenant_id, delivery_id) REFERENCES webhook_delivery ON DELETE CASCADE
);
SELECT vt_tenant_table('webhook_try', 'SELECT, INSERT');
