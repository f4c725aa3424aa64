//! What pictures and distributions on disk cost: µs a tick to take them in, bytes for an hour and for a day, and the time
//! of a random moment. The ticks are those of the scripted story, told again and again, with as many processes as asked
//! for; every process of the story changes at every tick, which those of a quiet machine do not.
//!
//! `cargo bench --bench pictures -- [HOURS [PROCESSES]]`, by default 26 hours and 100 processes.

use std::future::ready;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use hubtop::alert::{default_objectives, default_rules};
use hubtop::collect::demo_sources;
use hubtop::model::{
    Catalog, Clock, CommandOutcome, Focus, Frame, Keeping, KeepingState, Process, ProcessIdentity,
    ProcessKey, SystemClock, Tables, Timestamp,
};
use hubtop::pipeline::{self, Parts};
use hubtop::store::file::{Archive, Keeper, Limits};
use hubtop::store::{Kept, Sink, StoreError, Window};
use tokio::sync::{mpsc, watch};

/// How much of the story is told over and over.
const REEL: u64 = 15 * 60;
/// How many random moments are read.
const MOMENTS: u64 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut asked = std::env::args().filter_map(|it| it.parse().ok());
    let hours: u64 = asked.next().unwrap_or(26);
    let processes = asked.next().unwrap_or(100) as usize;
    let folder = std::env::temp_dir().join(format!("hubtop-pictures-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("bench.db");
    let (catalog, reel) = reel(processes)?;
    println!("figures alone:");
    let bare: Vec<Kept> = reel.iter().map(bare).collect();
    keep(&folder.join("bare.db"), &bare, 3600)?;
    println!("with pictures and distributions:");
    let told = keep(&file, &reel, hours * 3600)?;
    look(&file, catalog, &reel, told)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Keeps so many seconds; the first and the last moment.
fn keep(
    file: &Path,
    reel: &[Kept],
    seconds: u64,
) -> Result<(Timestamp, Timestamp), Box<dyn std::error::Error>> {
    let mut keeper = Keeper::start(file, Limits::default());
    let first = Timestamp(20_000 * 86_400_000);
    let mut last = first;
    let begun = (Instant::now(), cpu_time());
    println!("hours     bytes  µs a tick (all threads)");
    for second in 0..seconds {
        let of = &reel[second as usize % reel.len()];
        last = first.plus(Duration::from_secs(second));
        let frame = Frame {
            at: last,
            number: second + 1,
            ..(*of.frame).clone()
        };
        keeper.put(&Kept {
            frame: Arc::new(frame),
            came: of.came.clone(),
        });
        while keeper.waiting() > 32 {
            std::thread::sleep(Duration::from_micros(200));
        }
        let done = second + 1;
        if done.is_multiple_of(3600) && (done < 4 * 3600 || done.is_multiple_of(4 * 3600)) {
            let spent = (cpu_time() - begun.1).as_secs_f64() * 1e6 / done as f64;
            let bytes = keeper.keeping().bytes.unwrap_or(0);
            println!("{:>5} {bytes:>10}  {spent:.0}", done / 3600);
        }
    }
    let lost = keeper.keeping().lost;
    drop(keeper);
    println!(
        "{} bytes after {} s, {lost} ticks lost, in {:.1} s",
        std::fs::metadata(file)?.len(),
        seconds,
        begun.0.elapsed().as_secs_f64()
    );
    Ok((first, last))
}

/// What a file takes, and how long it is read.
fn look(
    file: &Path,
    catalog: Catalog,
    reel: &[Kept],
    (first, last): (Timestamp, Timestamp),
) -> Result<(), Box<dyn std::error::Error>> {
    let archive = Archive::open(file, catalog)?;
    for (what, query) in [
        ("pictures of each tick", "picture WHERE is_thinned = 0"),
        ("pictures of each 10 s", "picture WHERE is_thinned = 1"),
        ("distributions", "sketch"),
    ] {
        let query = format!("SELECT count(*), total(length(data)) FROM {query}");
        let told = archive.connection().query_row(&query, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?))
        });
        let (rows, bytes) = told?;
        println!("{what}: {bytes:.0} bytes in {rows} rows");
    }
    let first = first.max(last.minus(Duration::from_secs(86_000)));
    let span = last.since(first).as_secs();
    let moment =
        |turn: u64| first.plus(Duration::from_secs(turn.wrapping_mul(48_271) * 7919 % span));
    measure("a frame of a random moment", |turn| {
        let frame = archive.frame_at(moment(turn))?;
        let tables = frame.map(|frame| frame.tables).unwrap_or_default();
        Ok(tables.processes.map_or(0, |rows| rows.len()))
    })?;
    measure("the tables of a random moment", |turn| {
        let at = moment(turn);
        let until = at.plus(Duration::from_secs(9));
        let pictures = archive.pictures(at, until, Duration::from_secs(60))?;
        let tables = pictures.into_iter().next().map(|it| it.tables);
        Ok(tables
            .and_then(|it| it.processes)
            .map_or(0, |rows| rows.len()))
    })?;
    let hour = Window::ending(last, Duration::from_secs(3600), 240, Duration::from_secs(1));
    let cast = reel[0].frame.tables.processes.clone().unwrap_or_default();
    let day = Window::ending(
        last,
        Duration::from_secs(86_400),
        240,
        Duration::from_secs(1),
    );
    for (what, window) in [
        ("an hour of one process", hour),
        ("a day of one process", day),
    ] {
        measure(what, |turn| {
            let process = cast[turn as usize % cast.len()].key();
            Ok(archive.process_rows(process, window)?.rows.len())
        })?;
    }
    let series: Vec<_> = reel
        .iter()
        .flat_map(|it| it.came.iter().map(|(id, _)| *id))
        .collect();
    measure("an hour of distributions of one series", |turn| {
        let tick = Duration::from_secs(10);
        let window = Window::of_distributions(last, Duration::from_secs(3600), 120, tick);
        let told = archive.distributions(series[turn as usize % series.len()], window)?;
        Ok(told.iter().flatten().count())
    })
}

/// How long something takes, from the middle and the worst of many times, with how much it gave.
fn measure(
    what: &str,
    mut read: impl FnMut(u64) -> Result<usize, StoreError>,
) -> Result<(), Box<dyn std::error::Error>> {
    let (mut took, mut rows) = (Vec::new(), 0);
    for turn in 0..MOMENTS {
        let begun = Instant::now();
        rows += black_box(read(turn)?);
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let (middle, most) = (took[took.len() / 2], took[took.len() - 1]);
    println!(
        "{what}: {middle:.1} ms in the middle, {most:.1} ms at most, {} rows",
        rows / took.len()
    );
    Ok(())
}

/// The tick without all that pictures are made of.
fn bare(of: &Kept) -> Kept {
    let frame = Frame {
        tables: Tables::default(),
        sources: Arc::default(),
        alerts: Arc::default(),
        ..(*of.frame).clone()
    };
    Kept {
        frame: Arc::new(frame),
        came: [].into(),
    }
}

/// A sink that hands on what it gets.
struct Passing(Sender<Kept>);

impl Sink for Passing {
    fn put(&mut self, kept: &Kept) {
        // Nobody may be listening any more.
        let _ = self.0.send(kept.clone());
    }

    fn keeping(&self) -> Keeping {
        Keeping {
            name: "history".into(),
            state: KeepingState::Keeping,
            line: "".into(),
            since: Timestamp(0),
            bytes: None,
            lost: 0,
        }
    }
}

/// The ticks of the story, with so many processes.
fn reel(processes: usize) -> Result<(Catalog, Vec<Kept>), Box<dyn std::error::Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let catalog = Catalog::new();
    let (focus, focused) = watch::channel(Focus::None);
    let (passing, passed) = channel();
    let begins = clock.now().wall.minus(Duration::from_secs(REEL / 2));
    let parts = Parts {
        sources: demo_sources(&catalog, 1, begins, focused),
        catalog: catalog.clone(),
        rules: default_rules()?,
        objectives: default_objectives(),
        focus,
        newcomers: mpsc::channel(1).1,
        actor: Box::new(|_| {
            let outcome = CommandOutcome::refused("nothing is done here");
            Box::pin(ready(outcome))
        }),
        sinks: vec![Box::new(Passing(passing))],
        fill: None,
        clock,
    };
    let options = pipeline::Options {
        tick: Duration::from_secs(1),
        hot_memory: 64 << 20,
        read_only: true,
        demo: true,
        past: Some(Duration::from_secs(REEL)),
    };
    let handle = pipeline::start(parts, options)?;
    let ticks = passed.iter().take(REEL as usize);
    let ticks = ticks.map(|kept| Kept {
        frame: Arc::new(crowded(&kept.frame, processes)),
        came: kept.came,
    });
    let ticks = ticks.collect();
    drop(handle);
    Ok((catalog, ticks))
}

/// The frame with so many processes: the story's own, again and again under new numbers.
fn crowded(frame: &Frame, count: usize) -> Frame {
    let mut frame = frame.clone();
    if let Some(cast) = frame.tables.processes.take() {
        let rows = (0u32..).zip(cast.iter().cycle()).take(count);
        let rows = rows.map(|(turn, row)| Arc::new(double(row, 100 + turn)));
        frame.tables.processes = Some(Arc::new(rows.collect()));
    }
    frame
}

fn double(row: &Process, pid: u32) -> Process {
    let key = ProcessKey {
        pid,
        ..row.identity.key
    };
    Process {
        identity: Arc::new(ProcessIdentity {
            key,
            ..(*row.identity).clone()
        }),
        ..row.clone()
    }
}

/// CPU time of this process so far.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|it| it.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
