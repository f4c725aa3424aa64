//! What fifty servers cost: the processor time of a pipeline that watches this host and them, beside one that watches the
//! host alone, and how evenly its frames come.
//!
//! `cargo bench --bench sources`; needs redis-server, memcached and prometheus-node-exporter (`scripts/setup --tests`).

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubtop::collect::{Doors, Limits, Source, SourceForm, Surroundings, host_sources, open_source};
use hubtop::feed::Feed;
use hubtop::feed::local::LocalFeed;
use hubtop::model::{Catalog, Clock, CommandOutcome, Focus, SystemClock};
use hubtop::pipeline::{self, Options, Parts};
use tokio::sync::{mpsc, watch};

/// Ticks that are measured, after as many that are not.
const TICKS: u64 = 20;
const TICK: Duration = Duration::from_secs(1);
/// Of each of the three kinds.
const REDIS: usize = 20;
const MEMCACHED: usize = 20;
const PAGES: usize = 10;

type Failure = Box<dyn std::error::Error>;

/// A server that is gone when it is dropped.
struct Server(Child, u16);

impl Server {
    fn start(program: &str, arguments: impl Fn(u16) -> Vec<String>) -> Result<Self, Failure> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let child = Command::new(program)
            .args(arguments(port))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let server = Self(child, port);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > Duration::from_secs(10) {
                return Err(format!("{program} does not listen").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// Processor time of this process, user and system.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(used).unwrap_or_default()
}

fn pipeline_of(forms: &[String]) -> Result<LocalFeed, Failure> {
    let (focus, focused) = watch::channel(Focus::None);
    let (found, newcomers) = mpsc::channel(1);
    let around = Surroundings {
        catalog: Catalog::new(),
        focus: focused.clone(),
        doors: Doors::default(),
        found,
        limits: Limits::default(),
        mappings: Arc::default(),
    };
    let mut sources = host_sources(&around.catalog, focused);
    for form in forms {
        let form: SourceForm = toml::from_str(form)?;
        let source: Source = open_source(&form, &around)?;
        sources.push(source);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let parts = Parts {
        catalog: around.catalog,
        sources,
        newcomers,
        rules: Vec::new(),
        objectives: Vec::new(),
        focus,
        actor: Box::new(|_| {
            Box::pin(std::future::ready(CommandOutcome::refused(
                "nothing is done here",
            )))
        }),
        sinks: Vec::new(),
        fill: None,
        clock,
    };
    let options = Options {
        tick: TICK,
        hot_memory: 32 << 20,
        read_only: true,
        demo: false,
        past: None,
    };
    Ok(LocalFeed::new(pipeline::start(parts, options)?))
}

/// Lets a pipeline run and tells the share of a core it took, the longest time between two frames, and how many of its
/// sources answer.
fn measure(forms: &[String]) -> Result<(f64, Duration, usize), Failure> {
    let mut feed = pipeline_of(forms)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    while feed.newest().number < TICKS {
        runtime.block_on(feed.changed());
    }
    let (begun, used) = (Instant::now(), processor_time());
    let (mut last, mut longest) = (begun, Duration::ZERO);
    for _ in 0..TICKS {
        runtime.block_on(feed.changed());
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    let share = (processor_time() - used).as_secs_f64() / begun.elapsed().as_secs_f64();
    let frame = feed.newest();
    let answering = frame
        .sources
        .iter()
        .filter(|source| source.health.is_giving());
    Ok((share * 100.0, longest, answering.count()))
}

fn main() -> Result<(), Failure> {
    let redis = Server::start("redis-server", |port| {
        words(&format!("--port {port} --save --appendonly no"))
    })?;
    let memcached = Server::start("memcached", |port| {
        words(&format!("-l 127.0.0.1 -p {port} -u nobody"))
    })?;
    let exporter = Server::start("prometheus-node-exporter", |port| {
        words(&format!("--web.listen-address=127.0.0.1:{port}"))
    })?;
    let of = |kind: &str, address: String, count: usize| -> Vec<String> {
        (0..count)
            .map(|n| format!("kind = {kind:?}\nname = \"{kind} {n}\"\naddress = {address:?}"))
            .collect()
    };
    let forms: Vec<String> = [
        of("redis", format!("redis://127.0.0.1:{}", redis.1), REDIS),
        of("memcached", format!("127.0.0.1:{}", memcached.1), MEMCACHED),
        of(
            "metrics",
            format!("http://127.0.0.1:{}/metrics", exporter.1),
            PAGES,
        ),
    ]
    .concat();
    let (alone, longest_alone, _) = measure(&[])?;
    let (with, longest, answering) = measure(&forms)?;
    println!(
        "the host alone: {alone:.2}% of a core, longest time between frames {longest_alone:.1?}"
    );
    println!(
        "with {} servers ({answering} sources answer): {with:.2}% of a core, longest time between frames {longest:.1?}",
        forms.len()
    );
    println!("{TICKS} ticks of {TICK:?}");
    Ok(())
}
