"""An application whose page prometheus-client writes. What it observes, it is told: /observe?seconds=0.03&times=950."""

import gzip
import sys
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import Counter, Gauge, Histogram, Summary, make_wsgi_app

TIMES = Histogram(
    "http_request_duration_seconds",
    "Requests",
    ["method", "path", "status"],
    buckets=[0.01, 0.05, 0.1, 0.5, 1.0, 5.0],
)
SKILLS = Histogram("skill_run_ms", "Runs", ["skill_name"], buckets=[100, 1000, 2000, 10000])
LOOKUPS = Counter("lookups", "Look-ups", ["level", "result"])
HELD = Gauge("held_bytes", "Bytes held", ["level"])
CALLS = Histogram(
    "gen_ai_client_operation_duration_seconds",
    "Calls",
    ["gen_ai_request_model", "error_type"],
    buckets=[0.1, 1.0, 5.0],
)
TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens",
    ["gen_ai_request_model", "gen_ai_token_type"],
    buckets=[10, 1000],
)
ACTIVE = Gauge("active_users", "Users", ["plan"])
LENGTHS = Histogram("session_length_seconds", "Sessions that ended", ["plan"], buckets=[60, 600, 3600])
SUMMED = Summary("summed_seconds", "Without quantiles", ["path"])

page = make_wsgi_app()


def app(environ, start_response):
    path = environ["PATH_INFO"]
    asked = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    if path == "/observe":
        series = TIMES.labels("GET", asked.get("path", "/a"), asked.get("status", "200"))
        for _ in range(int(asked["times"])):
            series.observe(float(asked["seconds"]))
    elif path == "/skill":
        for _ in range(int(asked["times"])):
            SKILLS.labels(asked["name"]).observe(float(asked["ms"]))
    elif path == "/lookup":
        LOOKUPS.labels(asked["level"], asked["result"]).inc(int(asked["times"]))
        HELD.labels(asked["level"]).set(4096)
    elif path == "/call":
        for _ in range(int(asked["times"])):
            CALLS.labels("m-1", asked.get("error", "")).observe(0.5)
            TOKENS.labels("m-1", "input").observe(100)
            TOKENS.labels("m-1", "output").observe(20)
    elif path == "/users":
        ACTIVE.labels(asked["plan"]).set(int(asked["active"]))
        for _ in range(int(asked["ended"])):
            LENGTHS.labels(asked["plan"]).observe(float(asked["seconds"]))
    elif path == "/sum":
        for _ in range(int(asked["times"])):
            SUMMED.labels("/s").observe(0.1)
    elif path == "/bomb":
        packed = gzip.compress(b"up 1\n" * 20_000_000)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")])
        return [packed]
    else:
        return page(environ, start_response)
    start_response("204 No Content", [])
    return []


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


make_server("127.0.0.1", int(sys.argv[1]), app, handler_class=Quiet).serve_forever()
