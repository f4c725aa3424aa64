-- What a host had at a time: its pages ask by that.
CREATE INDEX performance_metrics_by_host ON performance_metrics ((tags ->> 'host'), "timestamp" DESC);
