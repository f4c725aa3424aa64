//! Real web servers before the site, each with its own log.

use std::fs;
use std::path::{Path, PathBuf};

use crate::servers::{Server, folder, free_port, give_away, program, wait_for};
use crate::visitor;

/// A web server and the log that it writes.
pub struct Web {
    pub server: Server,
    pub log: PathBuf,
}

/// nginx with a `log_format` of the test; an empty one is its combined format.
pub fn nginx(site: u16, format: &str) -> Web {
    let folder = folder();
    let port = free_port();
    let (define, name) = match format {
        "" => (String::new(), "combined"),
        format => (format!("log_format own {format};"), "own"),
    };
    let config = format!(
        "daemon off; master_process off; pid nginx.pid; error_log nginx.err;
         events {{}}
         http {{
           client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
           {define}
           server {{
             listen 127.0.0.1:{port};
             access_log access.log {name};
             location / {{
               proxy_pass http://127.0.0.1:{site}; proxy_http_version 1.1;
               proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;
             }}
           }}
         }}"
    );
    fs::write(folder.path().join("nginx.conf"), config).unwrap();
    let place = folder.path().to_owned();
    let arguments = ["-e", "nginx.err", "-p", path(&place), "-c", "nginx.conf"];
    let server = Server::start(&program("nginx"), arguments, folder, port);
    Web {
        log: place.join("access.log"),
        server,
    }
}

/// HAProxy, whose log is its output.
pub fn haproxy(site: u16) -> Web {
    let folder = folder();
    let port = free_port();
    let config = format!(
        "global\n log stdout format raw daemon\n\
         defaults\n mode http\n log global\n option httplog\n timeout client 30s\n timeout server 30s\n timeout connect 5s\n\
         frontend shop\n bind 127.0.0.1:{port}\n capture request header Host len 20\n default_backend app\n\
         backend app\n server a1 127.0.0.1:{site}\n"
    );
    fs::write(folder.path().join("haproxy.cfg"), config).unwrap();
    let log = folder.path().join("server.log");
    let server = Server::start(
        &program("haproxy"),
        ["-db", "-f", "haproxy.cfg"],
        folder,
        port,
    );
    Web { server, log }
}

/// Caddy with its JSON log.
pub fn caddy(site: u16) -> Web {
    let folder = folder();
    let port = free_port();
    let log = empty_log(folder.path());
    let config = format!(
        "{{\n admin off\n auto_https off\n persist_config off\n}}\nhttp://127.0.0.1:{port}, http://site.test:{port} {{\n\
         log {{\n output file {}\n format json\n }}\n reverse_proxy 127.0.0.1:{site}\n}}\n",
        log.display()
    );
    fs::write(folder.path().join("Caddyfile"), config).unwrap();
    let server = Server::start(
        &program("caddy"),
        ["run", "--config", "Caddyfile"],
        folder,
        port,
    );
    Web { server, log }
}

/// Traefik with its `json` or `common` log.
pub fn traefik(site: u16, format: &str) -> Web {
    let folder = folder();
    let port = free_port();
    let log = empty_log(folder.path());
    let routes = format!(
        "http:\n  routers:\n    all: {{rule: \"PathPrefix(`/`)\", service: app}}\n  services:\n    app: \
         {{loadBalancer: {{servers: [{{url: \"http://127.0.0.1:{site}\"}}]}}}}\n"
    );
    fs::write(folder.path().join("routes.yml"), routes).unwrap();
    let arguments = [
        format!("--entrypoints.web.address=127.0.0.1:{port}"),
        "--providers.file.filename=routes.yml".to_owned(),
        format!("--accesslog.filepath={}", log.display()),
        format!("--accesslog.format={format}"),
        "--accesslog.fields.headers.names.Content-Type=keep".to_owned(),
    ];
    let server = Server::start(&program("traefik"), arguments, folder, port);
    // It listens before it knows its routes.
    wait_for("traefik to know its routes", || {
        visitor::visit(port, "/ready").contains("200").then_some(())
    });
    Web { server, log }
}

/// Envoy with its default format.
pub fn envoy(site: u16) -> Web {
    let folder = folder();
    let port = free_port();
    let log = empty_log(folder.path());
    let config = include_str!("envoy.yaml")
        .replace("@PORT@", &port.to_string())
        .replace("@SITE@", &site.to_string())
        .replace("@LOG@", path(&log));
    fs::write(folder.path().join("envoy.yaml"), config).unwrap();
    let arguments = [
        "-c",
        "envoy.yaml",
        "--concurrency",
        "1",
        "--use-dynamic-base-id",
    ];
    let server = Server::start(&program("envoy"), arguments, folder, port);
    Web { server, log }
}

/// A log that is there from the start, so that it is followed from the first line on.
fn empty_log(folder: &Path) -> PathBuf {
    let log = folder.join("access.log");
    fs::write(&log, "").unwrap();
    give_away(&log);
    log
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
