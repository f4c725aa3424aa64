//! What is read from the pages of real proxies: the requests that went through them are known.

use std::fs;

use crate::apps::{asked, endpoint, endpoints, get};
use crate::servers::asked::Asked;
use crate::servers::{Server, folder, free_port, give_away, program, wait_for};

/// Starts a proxy with its settings in a file; it is there when it listens on `port`.
fn start(name: &str, file: &str, settings: &str, arguments: &[&str], port: u16) -> Server {
    let folder = folder();
    let path = folder.path().join(file);
    fs::write(&path, settings).unwrap();
    give_away(&path);
    let mut whole = vec!["HOME=.".to_owned(), program(name).display().to_string()];
    whole.extend(arguments.iter().map(|text| (*text).to_owned()));
    Server::start("/usr/bin/env".as_ref(), whole, folder, port)
}

/// Nine good requests and one that fails.
fn ask(port: u16) {
    for _ in 0..9 {
        get(port, "/ok");
    }
    get(port, "/bad");
}

#[test]
fn caddy() {
    let (admin, port) = (free_port(), free_port());
    let settings = format!(
        "{{\n\tadmin 127.0.0.1:{admin}\n\tmetrics\n\tauto_https off\n\tpersist_config off\n}}\n\
         http://:{port} {{\n\tbind 127.0.0.1\n\trespond /bad 500\n\trespond ok\n}}\n"
    );
    let _caddy = start(
        "caddy",
        "Caddyfile",
        &settings,
        &["run", "--config", "Caddyfile"],
        port,
    );
    ask(port);
    let mut asked = asked(admin);
    asked.ask().unwrap();
    ask(port);
    let rows = asked.ask_until("the requests", |reading, _| {
        let rows = endpoints(reading);
        let total: u64 = rows.iter().map(|row| row.requests).sum();
        (total >= 10).then_some(rows)
    });
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].requests, rows[0].error_percent), (10, Some(10.0)));
    assert!(rows[0].p95_bounds_ms.is_some());
}

#[test]
fn traefik_tells_its_routers_where_it_counts_them() {
    let (page, port) = (free_port(), free_port());
    let settings = format!(
        "entryPoints:\n  web: {{address: \"127.0.0.1:{port}\"}}\n  page: {{address: \"127.0.0.1:{page}\"}}\n\
         providers: {{file: {{filename: dynamic.yml}}}}\n\
         metrics: {{prometheus: {{entryPoint: page, addRoutersLabels: true}}}}\n\
         global: {{checkNewVersion: false, sendAnonymousUsage: false}}\n"
    );
    let dynamic = format!(
        "http:\n  routers: {{orders: {{rule: \"PathPrefix(`/`)\", service: back, entryPoints: [web]}}}}\n\
         \x20 services: {{back: {{loadBalancer: {{servers: [{{url: \"http://127.0.0.1:{}\"}}]}}}}}}\n",
        free_port()
    );
    let folder = folder();
    for (file, text) in [("traefik.yml", settings), ("dynamic.yml", dynamic)] {
        fs::write(folder.path().join(file), text).unwrap();
        give_away(&folder.path().join(file));
    }
    let _traefik = Server::start(
        &program("traefik"),
        ["--configFile=traefik.yml"],
        folder,
        page,
    );
    let mut asked = asked(page);
    wait_for("the page", || asked.ask().ok());
    // Nobody is behind it: it answers 502 itself, once it has read its routes.
    let row = asked.ask_until("requests to be counted", |reading, _| {
        get(port, "/a");
        endpoint(reading, "GET orders@file")
    });
    assert_eq!(row.error_percent, Some(100.0));
    assert!(row.requests > 0 && row.p95_bounds_ms.is_some());
}

#[test]
fn envoy() {
    let (admin, port) = (free_port(), free_port());
    let socket =
        |port: u16| format!("{{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}");
    let types = "type.googleapis.com/envoy.extensions.filters";
    let settings = format!(
        "admin: {{address: {}}}\n\
         static_resources:\n  listeners:\n  - address: {}\n    filter_chains:\n    - filters:\n      \
         - name: envoy.filters.network.http_connection_manager\n        typed_config:\n          \
         \"@type\": {types}.network.http_connection_manager.v3.HttpConnectionManager\n          \
         stat_prefix: ingress\n          \
         route_config: {{virtual_hosts: [{{name: all, domains: [\"*\"], routes: [\
         {{match: {{path: /bad}}, direct_response: {{status: 500}}}}, \
         {{match: {{prefix: /}}, direct_response: {{status: 200}}}}]}}]}}\n          \
         http_filters: [{{name: envoy.filters.http.router, typed_config: {{\"@type\": {types}.http.router.v3.Router}}}}]\n",
        socket(admin),
        socket(port),
    );
    let arguments = [
        "-c",
        "envoy.yaml",
        "--concurrency",
        "1",
        "--base-id-path",
        "base-id",
        "--use-dynamic-base-id",
    ];
    let _envoy = start("envoy", "envoy.yaml", &settings, &arguments, port);
    let address = format!("http://127.0.0.1:{admin}/stats/prometheus");
    let mut asked = Asked::open(&format!("kind = \"metrics\"\naddress = {address:?}"));
    asked.ask().unwrap();
    // Its workers hand their counts over every five seconds.
    ask_http1(port);
    let row = asked.ask_until("the requests", |reading, _| {
        endpoint(reading, "ingress").filter(|row| row.requests >= 10)
    });
    assert_eq!((row.requests, row.error_percent), (10, Some(10.0)));
}

/// Envoy refuses HTTP/1.0.
fn ask_http1(port: u16) {
    use std::io::{Read, Write};
    for place in 0..10 {
        let path = if place == 9 { "/bad" } else { "/ok" };
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}
