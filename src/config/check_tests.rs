//! What is said of settings with a mistake: place, key, and what was meant.

use std::path::PathBuf;

use super::*;
use crate::config::settings::ColorWish;
use crate::model::Range;

fn sources(text: &str) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let sources = Sources {
        files: Files::Only(path),
        environment: Vec::new(),
        flags: Vec::new(),
    };
    (folder, sources)
}

/// The messages about a file with this text, its folder left out.
fn mistakes(text: &str) -> String {
    let (folder, sources) = sources(text);
    let Err(mistakes) = load(&sources) else {
        panic!("nothing is wrong with {text:?}");
    };
    let folder = format!("{}/", folder.path().display());
    mistakes.to_string().replace(&folder, "")
}

fn settings(text: &str) -> Settings {
    load(&sources(text).1).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[test]
fn each_kind_of_mistake_has_its_place_and_its_mend() {
    let cases = [
        (
            "mouse = true\nthem = \"nord\"",
            "config.toml:2:1: them: there is no such setting; did you mean `theme`?\n  2 | them = \"nord\"\n    | ^^^^",
        ),
        (
            "[[probe]]\nurl = \"http://mon:hunter2@h/?token=hunter3\"",
            "config.toml:2:7: probe.url: who asks belongs into headers: Authorization = \"Basic …\"\n  2 | url = \"http://mon:***@h/?token=***\"\n    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "hot_memory = \"64MB\"",
            "config.toml:1:1: hot_memory: there is no such setting; did you mean `history.hot_memory`?\n  1 | hot_memory = \"64MB\"\n    | ^^^^^^^^^^",
        ),
        (
            "[histroy]\nhot_memory = \"64MB\"",
            "config.toml:1:2: histroy: there is no such section; did you mean `history`?\n  1 | [histroy]\n    |  ^^^^^^^",
        ),
        (
            "  tick = \"100ms\"",
            "config.toml:1:10: tick: 100ms is not within 250ms to 1m\n  1 |   tick = \"100ms\"\n    |          ^^^^^^^",
        ),
        (
            "tick = 1",
            "config.toml:1:8: tick: takes a time such as 250ms, 1s or 5m in quotes, not a number\n  1 | tick = 1\n    |        ^",
        ),
        (
            "color = \"ture\"",
            "config.toml:1:9: color: \"ture\" is not one of auto, true, 256, 16, none; did you mean `true`?\n  1 | color = \"ture\"\n    |         ^^^^^^",
        ),
        (
            "mouse = \"yes\"",
            "config.toml:1:9: mouse: takes true or false without quotes\n  1 | mouse = \"yes\"\n    |         ^^^^^",
        ),
        (
            "[history]\nhot_memory = \"5TB\"",
            "config.toml:2:14: history.hot_memory: \"5TB\" is not a size such as 32MB or 64MiB\n  2 | hot_memory = \"5TB\"\n    |              ^^^^^",
        ),
        (
            "theme = \"\"",
            "config.toml:1:9: theme: is empty; it takes the name of a theme\n  1 | theme = \"\"\n    |         ^^",
        ),
        (
            "history = 3",
            "config.toml:1:1: history: is a section, written as [history], not a number\n  1 | history = 3\n    | ^^^^^^^",
        ),
        (
            "[keys]\nhelp = [\"h\", 3]",
            "config.toml:2:14: keys.help: takes keys in quotes: [\"x\", \"ctrl-x\"]\n  2 | help = [\"h\", 3]\n    |              ^",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(mistakes(text), message, "{text}");
    }
}

#[test]
fn mistakes_in_rules_name_the_key() {
    const HEAD: &str =
        "[[rule]]\nname = \"r\"\ncondition_operator = \">\"\nthreshold = 1\nseverity = \"info\"\n";
    let cases = [
        (
            "for = \"5m\"\nmetric = \"cpu_usge\"",
            "config.toml:7:10: rule.metric: \"cpu_usge\" is no metric; did you mean `cpu_usage`?",
        ),
        (
            "for = \"5m\"\nmetric = \"cpu_usage\"\ntreshold = 2",
            "config.toml:8:1: rule.treshold: [[rule]] has no such key; did you mean `threshold`?",
        ),
        (
            "metric = \"cpu_usage\"",
            "config.toml:1:1: rule: the rule has no `for`",
        ),
        (
            "metric = \"cpu_usage\"\nfor = \"5 min\"",
            "config.toml:7:7: rule.for: \"5 min\" is no time; write 30s, 5m or 1h",
        ),
        (
            "metric = \"cpu_usage\"\nfor = \"5m\"\nclear_threshold = 2",
            "config.toml:8:19: rule.clear_threshold: 2 lies on the wrong side of the threshold 1",
        ),
        (
            "metric = \"cpu_usage\"\nfor = \"5m\"\nenabled = 1",
            "config.toml:8:11: rule.enabled: invalid type: integer `1`, expected a boolean",
        ),
    ];
    for (tail, message) in cases {
        let told = mistakes(&format!("{HEAD}{tail}"));
        assert_eq!(told.lines().next().unwrap(), message, "{tail}");
    }
    let rule = format!("{HEAD}metric = \"cpu_usage\"\nfor = \"5m\"\n");
    let told = mistakes(&format!("{rule}{rule}"));
    assert!(
        told.contains(":9:8: rule.name: there is a rule called \"r\" at config.toml:2 already"),
        "{told}"
    );
}

#[test]
fn mistakes_in_sources_name_the_key() {
    let cases = [
        (
            "kind = \"postgre\"\naddress = \"h\"",
            "config.toml:2:8: source.kind: \"postgre\" is none of postgres, mysql, redis, memcached, metrics, access_log; did you mean `postgres`?",
        ),
        (
            "kind = \"redis\"\nadress = \"h\"",
            "config.toml:3:1: source.adress: [[source]] has no such key; did you mean `address`?",
        ),
        (
            "kind = \"redis\"",
            "config.toml:1:1: source: the source has no `address`",
        ),
        (
            "kind = \"redis\"\naddress = \"h\"\ninterval = \"2 sec\"",
            "config.toml:4:12: source.interval: \"2 sec\" is no time; write 30s, 5m or 1h",
        ),
        (
            "kind = \"redis\"\naddress = \"rediss://h\"\n[source.tls]\nca_file = \"/nowhere.pem\"",
            "config.toml:5:11: source.ca_file: ",
        ),
        (
            "kind = \"redis\"\naddress = \"h\"\ntls = { verfy = false }",
            "config.toml:4:9: source.tls: unknown field `verfy`, ",
        ),
    ];
    for (text, message) in cases {
        let told = mistakes(&format!("[[source]]\n{text}\n"));
        assert!(told.starts_with(message), "{text}\n{told}");
    }
    assert!(
        mistakes("[source]\n")
            .starts_with("config.toml:1:2: source: is written as [[source]], one section each\n")
    );
    let redis = "[[source]]\nkind = \"redis\"\naddress = \"127.0.0.1:6379\"\n";
    let told = mistakes(&format!("{redis}{redis}"));
    assert!(
        told.starts_with("config.toml:6:11: source.address: there is a source called \"redis@6379\" at config.toml:3 already: give one of them a `name`\n"),
        "{told}"
    );
}

#[test]
fn probes_of_one_host_are_told_apart_by_their_paths() {
    let probe = |url: &str| format!("[[probe]]\nurl = \"{url}\"\n");
    let [shop, health] = ["http://h:81/", "http://h:81/health?deep=1"].map(probe);
    assert_eq!(settings(&format!("{shop}{health}")).probes.len(), 2);
    let told = mistakes(&format!("{health}{health}"));
    assert!(
        told.starts_with(
            "config.toml:4:7: probe.url: there is a probe called \"probe h:81/health\" at config.toml:2 already: give one of them a `name`\n"
        ),
        "{told}"
    );
}

#[test]
fn keys_that_a_kind_has_no_use_for_are_mistakes() {
    let cases = [
        ("redis", "format = \"nginx\""),
        ("redis", "headers = { A = \"b\" }"),
        ("memcached", "tls = { verify = false }"),
        ("memcached", "queues = [\"celery\"]"),
        ("postgres", "since = \"1h\""),
        ("mysql", "queues = []"),
        ("metrics", "format = \"nginx\""),
        ("access_log", "password_env = \"PW\""),
    ];
    for (kind, line) in cases {
        let (key, _) = line.split_once(' ').unwrap();
        let told = mistakes(&format!(
            "[[source]]\nkind = \"{kind}\"\naddress = \"127.0.0.1:1\"\n{line}\n"
        ));
        let column = key.len() + 4;
        let message =
            format!("config.toml:4:{column}: source.{key}: {kind} has no use for `{key}`\n");
        assert!(told.starts_with(&message), "{told}");
    }
    let told = mistakes(
        "[[source]]\nkind = \"memcached\"\naddress = \"h\"\nformat = \"x\"\nsince = \"1h\"\n",
    );
    assert!(
        told.contains(":4:10: ") && told.contains(":5:9: "),
        "{told}"
    );
    settings(
        "[[source]]\nkind = \"memcached\"\naddress = \"h\"\nuser = \"u\"\ninterval = \"5s\"\n",
    );
}

#[test]
fn sources_and_their_bounds_are_read() {
    let text = "[discover]\nexcept = [\"redis\"]\n[queries]\nslow = \"2s\"\n[latency]\nroutes = 20\n\
        [[source]]\nkind = \"redis\"\naddress = \"redis://:hunter2@cache:6379\"\ntimeout = \"5s\"\n\
        [[source]]\nkind = \"metrics\"\naddress = \"http://127.0.0.1:8000/metrics\"\n\
        headers = { Authorization = \"Bearer hunter2\" }\n";
    let settings = settings(text);
    assert_eq!(settings.discover.except, ["redis"]);
    assert_eq!(settings.limits.slow_statement.as_secs(), 2);
    assert_eq!(settings.limits.most_routes, 20);
    let [redis, metrics] = &settings.sources[..] else {
        panic!("{:?}", settings.sources);
    };
    assert_eq!(redis.value.timeout.map(|t| t.as_secs()), Some(5));
    assert_eq!(metrics.value.headers["Authorization"], "Bearer hunter2");
    let shown = settings.show();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("address = \"redis://:***@cache:6379\"\n"),
        "{shown}"
    );
}

#[test]
fn kinds_that_are_not_looked_for_may_come_from_outside() {
    let (_folder, mut sources) = sources("");
    sources.environment = environment(&[("HUBTOP_DISCOVER_EXCEPT", "redis, metrics")]);
    assert_eq!(
        load(&sources).unwrap().discover.except,
        ["redis", "metrics"]
    );
    sources.environment = environment(&[("HUBTOP_DISCOVER_EXCEPT", "redsi")]);
    let told = load(&sources).unwrap_err().to_string();
    assert!(told.ends_with("did you mean `redis`?"), "{told}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = mistakes("them = 1\nsi = 3\n[log]\nlevel = \"loud\"\n[[rule]]\n");
    let places: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("config.toml:"))
        .collect();
    assert!(places.len() >= 8, "{told}");
    let told = mistakes("[log]\nlevel = 1\n[history]\nhot_memory = 1\n");
    let lines: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("config.toml:"))
        .collect();
    assert!(
        lines[0].starts_with("2:") && lines[1].starts_with("4:"),
        "{told}"
    );
    let told = mistakes("tick = \ntheme = [");
    assert!(told.starts_with("config.toml:1:"), "{told}");
    assert!(told.contains("\nconfig.toml:2:"), "{told}");
}

#[test]
fn files_then_environment_then_flags() {
    let (_folder, mut sources) =
        sources("tick = \"2s\"\ntheme = \"nord\"\ncolor = \"256\"\nsi = true\n");
    sources.environment = environment(&[
        ("HUBTOP_TICK", "3s"),
        ("HUBTOP_THEME", "mono"),
        ("HUBTOP_SI", "0"),
        ("PATH", "/"),
    ]);
    sources.flags = vec![FlagGiven {
        flag: "--tick",
        key: "tick",
        value: Given::Bare("4s".to_owned()),
    }];
    let settings = load(&sources).unwrap();
    assert_eq!(settings.tick.as_secs(), 4);
    assert_eq!(settings.theme, "mono");
    assert_eq!(settings.color, ColorWish::Ansi256);
    assert!(!settings.si);
    assert_eq!(settings.range, Range::FiveMinutes);
    assert_eq!(settings.place_of("tick").to_string(), "flag --tick");
    assert_eq!(
        settings.place_of("theme").to_string(),
        "environment HUBTOP_THEME"
    );
    assert!(
        settings
            .place_of("color")
            .to_string()
            .ends_with("config.toml:3")
    );
    assert_eq!(settings.place_of("range").to_string(), "default");
}

#[test]
fn the_environment_and_flags_are_checked_too() {
    let (_folder, mut sources) = sources("");
    sources.environment = environment(&[
        ("HUBTOP_TIKC", "1s"),
        ("HUBTOP_CONFIG", "/x"),
        ("HUBTOP_MOUSE", "maybe"),
    ]);
    sources.flags = vec![FlagGiven {
        flag: "--range",
        key: "range",
        value: Given::Bare("2h".to_owned()),
    }];
    let told = load(&sources).unwrap_err().to_string();
    let expected = [
        "environment HUBTOP_TIKC: there is no such setting; did you mean `HUBTOP_TICK`?",
        "environment HUBTOP_MOUSE: mouse: takes true or false, not \"maybe\"",
        "flag --range: range: \"2h\" is not one of 5m, 1h, 6h, 24h; did you mean `1h`?",
    ];
    assert_eq!(told, expected.join("\n"));
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let asked = Sources {
        files: Files::Only(PathBuf::from("/nowhere/hubtop.toml")),
        environment: Vec::new(),
        flags: Vec::new(),
    };
    assert_eq!(
        load(&asked).unwrap_err().to_string(),
        "/nowhere/hubtop.toml: can't be read: No such file or directory (os error 2)"
    );
    let usual = Sources {
        files: Files::Usual(vec![PathBuf::from("/nowhere/hubtop.toml")]),
        ..asked
    };
    assert_eq!(load(&usual).unwrap().files, Vec::<PathBuf>::new());
}

#[test]
fn later_keys_and_rules_replace_earlier_ones() {
    const RULE: &str = "[[rule]]\nname = \"r\"\nmetric = \"cpu_usage\"\ncondition_operator = \"ge\"\nfor = \"5m\"\nseverity = \"info\"\n";
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.toml", "b.toml"].map(|name| folder.path().join(name));
    std::fs::write(
        &paths[0],
        format!("[keys]\nhelp = \"h\"\nquit = []\n{RULE}threshold = 1\n"),
    )
    .unwrap();
    std::fs::write(
        &paths[1],
        format!("[keys]\nhelp = [\"f1\"]\n{RULE}threshold = 2\n"),
    )
    .unwrap();
    let settings = load(&Sources {
        files: Files::Usual(paths.to_vec()),
        environment: Vec::new(),
        flags: Vec::new(),
    })
    .unwrap();
    let keys: Vec<(&str, usize)> = settings
        .keys
        .iter()
        .map(|b| (b.action.value.as_str(), b.keys.len()))
        .collect();
    assert_eq!(keys, [("quit", 0), ("help", 1)]);
    assert_eq!(settings.keys[1].keys[0].value, "f1");
    assert_eq!(settings.rules.len(), 1);
    assert_eq!(settings.rules[0].value.threshold, 2.0);
    assert!(settings.rules[0].place.to_string().ends_with("b.toml:4"));
}

#[test]
fn what_is_shown_can_be_read_again() {
    let text = "theme = \"nord\"\n[keys]\nhelp = [\"h\"]\n[[rule]]\nname = \"r\"\nmetric = \"disk_usage\"\nlabels = { mount = \"/\" }\ncondition_operator = \">\"\nthreshold = 1.5\nfor = \"5m\"\nseverity = \"info\"\nenabled = false\n";
    let first = settings(text);
    let shown = first.show();
    let theme = shown
        .lines()
        .find(|line| line.starts_with("theme"))
        .unwrap();
    assert!(
        theme.starts_with("theme = \"nord\" ") && theme.ends_with("config.toml:1"),
        "{theme}"
    );
    let again = settings(&shown);
    assert_eq!(again.theme, "nord");
    assert_eq!(again.rules[0].value, first.rules[0].value);
    assert_eq!(again.keys[0].keys[0].value, "h");
}
