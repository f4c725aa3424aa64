//! Which names mean what: those that the usual libraries, proxies and model servers give their series. One line each.

use super::form::TimeUnit::{self, Millis, Seconds};

/// Timings or counts of requests, as a library names them. Of several on one page the first in the table counts, because
/// they tell of the same requests.
#[derive(Debug, PartialEq)]
pub(super) struct KnownRequests {
    /// The name without its unit and `_total`.
    pub stem: &'static str,
    /// What it is in where the name has no unit.
    pub unit: TimeUnit,
    /// Whether applications put their own name before it.
    pub prefixed: bool,
    /// The label of the route; the usual ones when empty.
    pub route: &'static str,
}

const fn of(stem: &'static str, unit: TimeUnit, route: &'static str) -> KnownRequests {
    KnownRequests {
        stem,
        unit,
        prefixed: false,
        route,
    }
}

const fn prefixed(stem: &'static str, unit: TimeUnit) -> KnownRequests {
    KnownRequests {
        stem,
        unit,
        prefixed: true,
        route: "",
    }
}

/// Histograms and summaries of requests.
#[rustfmt::skip]
pub(super) const TIMINGS: &[KnownRequests] = &[
    of("traefik_router_request_duration", Seconds, "router"),
    of("traefik_service_request_duration", Seconds, "service"),
    of("traefik_entrypoint_request_duration", Seconds, "entrypoint"),
    of("nginx_ingress_controller_request_duration", Seconds, "path"),
    of("nginx_vts_server_request_duration", Seconds, "host"),
    of("nginx_http_request_duration", Seconds, "host"),
    of("nginx_http_response_time_seconds_hist", Seconds, ""),
    of("nginx_http_response_time", Seconds, ""),
    of("caddy_http_request_duration", Seconds, "handler"),
    of("envoy_http_downstream_rq_time", Millis, "envoy_http_conn_manager_prefix"),
    of("envoy_cluster_upstream_rq_time", Millis, "envoy_cluster_name"),
    of("istio_request_duration", Millis, "destination_service"),
    of("kong_request_latency", Millis, "route"),
    of("apiserver_request_duration", Seconds, "resource"),
    of("django_http_requests_latency_seconds_by_view_method", Seconds, "view"),
    of("rails_request_duration", Seconds, "controller"),
    of("starlette_request_duration", Seconds, ""),
    of("fastapi_request_duration", Seconds, ""),
    prefixed("http_server_request_duration", Seconds),
    prefixed("http_server_requests", Seconds),
    prefixed("http_server_duration", Millis),
    prefixed("http_request_duration", Seconds),
    prefixed("http_requests_duration", Seconds),
    prefixed("http_request_latency", Seconds),
    prefixed("http_response_time", Seconds),
    prefixed("api_request_duration", Seconds),
    of("fastapi_requests_duration", Seconds, ""),
    of("request_duration", Seconds, ""),
    of("request_latency", Seconds, ""),
    of("response_latency", Millis, ""),
    prefixed("grpc_server_handling", Seconds),
    prefixed("rpc_server_duration", Millis),
];

/// Counters of requests or responses.
#[rustfmt::skip]
pub(super) const COUNTS: &[KnownRequests] = &[
    of("traefik_router_requests", Seconds, "router"),
    of("traefik_service_requests", Seconds, "service"),
    of("traefik_entrypoint_requests", Seconds, "entrypoint"),
    of("nginx_ingress_controller_requests", Seconds, "path"),
    of("nginx_vts_server_requests", Seconds, "host"),
    of("nginx_http_response_count", Seconds, ""),
    of("nginx_http_requests", Seconds, "host"),
    of("envoy_http_downstream_rq_xx", Seconds, "envoy_http_conn_manager_prefix"),
    of("envoy_cluster_upstream_rq_xx", Seconds, "envoy_cluster_name"),
    of("haproxy_frontend_http_responses", Seconds, "proxy"),
    of("haproxy_backend_http_responses", Seconds, "proxy"),
    of("istio_requests", Seconds, "destination_service"),
    of("kong_http_requests", Seconds, "route"),
    of("apiserver_request", Seconds, "resource"),
    of("django_http_responses_total_by_status_view_method", Seconds, "view"),
    of("rails_requests", Seconds, "controller"),
    of("starlette_requests", Seconds, ""),
    of("fastapi_requests", Seconds, ""),
    of("fastapi_responses", Seconds, ""),
    prefixed("http_server_requests", Seconds),
    prefixed("http_requests", Seconds),
    prefixed("http_request", Seconds),
    prefixed("api_requests", Seconds),
    of("requests", Seconds, ""),
    prefixed("grpc_server_handled", Seconds),
];

/// The labels that say a method, the likeliest first.
pub(super) const METHOD_LABELS: &[&str] = &[
    "method",
    "http_method",
    "http_request_method",
    "request_method",
    "verb",
];

/// The labels that say a route, those that hold a template before those that may hold a path.
#[rustfmt::skip]
pub(super) const ROUTE_LABELS: &[&str] = &[
    "http_route", "route", "path_template", "handler", "view", "uri", "path", "endpoint", "url", "url_rule", "url_path",
    "http_target", "grpc_method", "rpc_method", "operation", "action", "service", "host",
];

/// The labels that say a status.
#[rustfmt::skip]
pub(super) const STATUS_LABELS: &[&str] = &[
    "status", "status_code", "code", "http_status_code", "http_response_status_code", "response_code", "http_status",
    "status_class", "envoy_response_code_class", "grpc_code", "rpc_grpc_status_code", "outcome",
];

/// What a series tells of AI models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ModelPart {
    /// Time of whole calls.
    Duration,
    /// Time to the first token.
    FirstToken,
    /// Tokens; a label says which.
    Tokens,
    /// Tokens that were sent.
    Input,
    /// Tokens that were answered.
    Output,
    /// Dollars.
    Spend,
    /// Calls, of which nothing else is known.
    Calls,
    /// Calls that succeeded.
    Success,
    /// Calls that failed.
    Failure,
}

/// The names of OpenTelemetry's GenAI conventions, litellm, vLLM and SGLang, without unit, `_metric` and `_total`.
#[rustfmt::skip]
pub(super) const MODELS: &[(&str, ModelPart)] = &[
    ("gen_ai_client_operation_duration", ModelPart::Duration),
    ("gen_ai_server_request_duration", ModelPart::Duration),
    ("gen_ai_server_time_to_first_token", ModelPart::FirstToken),
    ("gen_ai_client_operation_time_to_first_chunk", ModelPart::FirstToken),
    ("gen_ai_client_token_usage", ModelPart::Tokens),
    ("litellm_request_total_latency", ModelPart::Duration),
    ("litellm_llm_api_time_to_first_token", ModelPart::FirstToken),
    ("litellm_input_tokens", ModelPart::Input),
    ("litellm_output_tokens", ModelPart::Output),
    ("litellm_spend", ModelPart::Spend),
    ("litellm_requests", ModelPart::Calls),
    ("litellm_deployment_success_responses", ModelPart::Success),
    ("litellm_deployment_failure_responses", ModelPart::Failure),
    ("vllm:e2e_request_latency", ModelPart::Duration),
    ("vllm:time_to_first_token", ModelPart::FirstToken),
    ("vllm:prompt_tokens", ModelPart::Input),
    ("vllm:generation_tokens", ModelPart::Output),
    ("vllm:request_success", ModelPart::Calls),
    ("sglang:e2e_request_latency", ModelPart::Duration),
    ("sglang:time_to_first_token", ModelPart::FirstToken),
    ("sglang:prompt_tokens", ModelPart::Input),
    ("sglang:generation_tokens", ModelPart::Output),
    ("sglang:num_requests", ModelPart::Calls),
    ("sglang:num_aborted_requests", ModelPart::Failure),
];

/// The labels that say a model: what answered before what was asked for.
#[rustfmt::skip]
pub(super) const MODEL_LABELS: &[&str] = &[
    "gen_ai_response_model", "gen_ai_request_model", "model", "model_name", "litellm_model_name", "requested_model",
    "model_group",
];

/// Ends of names that tell the unit.
const UNITS: &[(&str, TimeUnit)] = &[
    ("_seconds", Seconds),
    ("_milliseconds", Millis),
    ("_millis", Millis),
    ("_ms", Millis),
    ("_microseconds", TimeUnit::Micros),
    ("_us", TimeUnit::Micros),
    ("_nanoseconds", TimeUnit::Nanos),
    ("_ns", TimeUnit::Nanos),
];

/// A name without its unit, and the unit.
pub(super) fn split_unit(name: &str) -> (&str, Option<TimeUnit>) {
    let found = UNITS
        .iter()
        .find_map(|(end, unit)| Some((name.strip_suffix(end)?, Some(*unit))));
    found.unwrap_or((name, None))
}

/// The line of a table that a name without its unit and `_total` matches, with its place.
pub(super) fn requests(
    table: &'static [KnownRequests],
    stem: &str,
) -> Option<(usize, &'static KnownRequests)> {
    let exact = table.iter().position(|known| known.stem == stem);
    let place = exact.or_else(|| {
        table.iter().position(|known| {
            let prefix = stem.strip_suffix(known.stem);
            // What an application asks of others is not what it answers.
            let is_own = |prefix: &str| prefix.ends_with('_') && !prefix.contains("client");
            known.prefixed && prefix.is_some_and(is_own)
        })
    })?;
    Some((place, &table[place]))
}

/// What a name without its unit and `_total` tells of models.
pub(super) fn model(stem: &str) -> Option<ModelPart> {
    let stem = stem.strip_suffix("_metric").unwrap_or(stem);
    let found = MODELS.iter().find(|(known, _)| *known == stem);
    found.map(|(_, part)| *part)
}

/// The status that a label's value stands for, as a number of HTTP; `Err` for one that is the sum of others.
pub(super) fn status(value: &str) -> Result<Option<u16>, ()> {
    const FAILED: &[&str] = &[
        "error",
        "failed",
        "failure",
        "exception",
        "timeout",
        "server_error",
        "unknown",
        "internal",
        "unavailable",
        "dataloss",
        "deadlineexceeded",
        "unimplemented",
        "resourceexhausted",
    ];
    const REFUSED: &[&str] = &[
        "client_error",
        "canceled",
        "invalidargument",
        "notfound",
        "alreadyexists",
        "permissiondenied",
        "unauthenticated",
        "failedprecondition",
        "aborted",
        "outofrange",
    ];
    let mut bytes = value.bytes();
    if let Some(first @ b'1'..=b'5') = bytes.next() {
        if let Ok(number @ 100..=599) = value.parse::<u16>() {
            return Ok(Some(number));
        }
        let class = u16::from(first - b'0') * 100;
        let is_class = value.len() == 1 || value[1..].eq_ignore_ascii_case("xx");
        return Ok(is_class.then_some(class));
    }
    let word = value.to_ascii_lowercase();
    match &*word {
        "total" => Err(()),
        "ok" | "success" | "succeeded" => Ok(Some(200)),
        "redirection" => Ok(Some(300)),
        word if FAILED.contains(&word) => Ok(Some(500)),
        word if REFUSED.contains(&word) => Ok(Some(400)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(name: &str) -> Option<(&'static str, TimeUnit)> {
        let (stem, unit) = split_unit(name);
        let (_, known) = requests(TIMINGS, stem)?;
        Some((known.stem, unit.unwrap_or(known.unit)))
    }

    #[test]
    fn names_of_the_usual_libraries_are_known_with_their_units() {
        let cases = [
            (
                "http_request_duration_seconds",
                "http_request_duration",
                Seconds,
            ),
            (
                "myapp_http_request_duration_seconds",
                "http_request_duration",
                Seconds,
            ),
            ("http_request_duration_ms", "http_request_duration", Millis),
            (
                "caddy_http_request_duration_seconds",
                "caddy_http_request_duration",
                Seconds,
            ),
            ("http_server_duration", "http_server_duration", Millis),
            (
                "http_server_requests_seconds",
                "http_server_requests",
                Seconds,
            ),
            (
                "envoy_http_downstream_rq_time",
                "envoy_http_downstream_rq_time",
                Millis,
            ),
        ];
        for (name, stem, unit) in cases {
            assert_eq!(timing(name), Some((stem, unit)), "{name}");
        }
        for name in [
            "http_client_request_duration_seconds",
            "rest_client_request_duration_seconds",
            "http_request_duration_highr_seconds",
            "xhttp_request_duration_seconds",
            "disk_request_duration_seconds",
        ] {
            assert_eq!(timing(name), None, "{name}");
        }
        assert_eq!(model("litellm_spend_metric"), Some(ModelPart::Spend));
        assert_eq!(model("litellm_spend"), Some(ModelPart::Spend));
    }

    #[test]
    fn statuses_are_read_as_they_are_written() {
        let cases = [
            ("200", Some(200)),
            ("404", Some(404)),
            ("5xx", Some(500)),
            ("2XX", Some(200)),
            ("4", Some(400)),
            ("SUCCESS", Some(200)),
            ("SERVER_ERROR", Some(500)),
            ("NotFound", Some(400)),
            ("999", None),
            ("", None),
            ("5ü", None),
        ];
        for (value, expected) in cases {
            assert_eq!(status(value), Ok(expected), "{value}");
        }
        assert_eq!(status("total"), Err(()));
    }
}
