-- Figures: every series of a host, a row an interval.
CREATE TABLE performance_metrics (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    metric_name text NOT NULL,
    value       double precision NOT NULL,
    unit        text NOT NULL,
    tags        jsonb NOT NULL DEFAULT '{}',
    "timestamp" timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- With the time in it, for a hypertable asks for that.
    PRIMARY KEY (id, "timestamp")
);
CREATE INDEX performance_metrics_by_name ON performance_metrics (metric_name, "timestamp" DESC);

-- Figures of users and organisations.
CREATE TABLE business_metrics (
    id              bigint GENERATED ALWAYS AS IDENTITY,
    metric_name     text NOT NULL,
    value           double precision NOT NULL,
    unit            text NOT NULL,
    user_id         text,
    organization_id text,
    tags            jsonb NOT NULL DEFAULT '{}',
    "timestamp"     timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, "timestamp")
);
CREATE INDEX business_metrics_by_name ON business_metrics (metric_name, "timestamp" DESC);
CREATE INDEX business_metrics_by_user ON business_metrics (user_id, "timestamp" DESC);

-- A host in one row an interval: percent, and bytes a second by interface.
CREATE TABLE system_metrics (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    host_name    text NOT NULL,
    cpu_usage    double precision,
    memory_usage double precision,
    disk_usage   double precision,
    network_io   jsonb NOT NULL DEFAULT '{}',
    tags         jsonb NOT NULL DEFAULT '{}',
    "timestamp"  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, "timestamp")
);
CREATE INDEX system_metrics_by_host ON system_metrics (host_name, "timestamp" DESC);

-- The rules of each host; one that is gone from its settings is not enabled any more.
CREATE TABLE alert_rules (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_name             text NOT NULL,
    metric_name           text NOT NULL,
    condition_operator    text NOT NULL,
    threshold_value       double precision NOT NULL,
    unit                  text NOT NULL,
    duration_minutes      double precision NOT NULL,
    severity              text NOT NULL,
    enabled               boolean NOT NULL DEFAULT true,
    notification_channels jsonb NOT NULL DEFAULT '[]',
    tags                  jsonb NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX alert_rules_by_name ON alert_rules (rule_name, (tags ->> 'host'));

-- Each time that a rule held for a series: firing, acknowledged, resolved, or interrupted when hubtop ended before it was over.
CREATE TABLE alert_incidents (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id       bigint NOT NULL REFERENCES alert_rules (id),
    status        text NOT NULL,
    trigger_value double precision,
    triggered_at  timestamptz NOT NULL,
    resolved_at   timestamptz,
    notes         text NOT NULL DEFAULT '',
    tags          jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alert_incidents_by_rule ON alert_incidents (rule_id, status);
CREATE UNIQUE INDEX alert_incidents_once ON alert_incidents (rule_id, triggered_at, jsonb_hash_extended(tags, 0));

-- The highest number that came from each queue: a batch whose answer was lost comes twice, and is taken once.
CREATE TABLE hubtop_batches (
    queue     text PRIMARY KEY,
    newest    bigint NOT NULL,
    host_name text NOT NULL,
    sent_at   timestamptz NOT NULL DEFAULT now()
);
