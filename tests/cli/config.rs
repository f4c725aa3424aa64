//! Settings: where they lie, what is wrong with them, what is in force.

use super::Person;

#[test]
fn init_writes_a_file_that_is_right_and_never_overwrites() {
    let person = Person::new();
    let written = person.run(&["config", "init"]);
    assert_eq!(
        (written.code, written.out.as_str()),
        (Some(0), "written: ~/hubtop/config.toml\n")
    );
    assert_eq!(
        person.run(&["config", "check"]).out,
        "ok: ~/hubtop/config.toml\n"
    );
    let again = person.run(&["config", "init"]);
    assert_eq!(again.code, Some(1));
    assert_eq!(
        again.err,
        "hubtop: ~/hubtop/config.toml is there already; `hubtop config check` looks through it\n"
    );
}

#[test]
fn path_says_where_and_whether() {
    let person = Person::with_settings("");
    let path = person.run(&["config", "path"]);
    let lines: Vec<&str> = path.out.lines().collect();
    assert!(lines[0].starts_with("/etc/hubtop/config.toml"));
    assert_eq!(lines[1], "~/hubtop/config.toml");
    assert_eq!(
        person.run(&["config", "path", "--config", "/x.toml"]).out,
        "/x.toml (not there)\n"
    );
}

#[test]
fn mistakes_name_file_line_column_and_the_right_name() {
    let person = Person::with_settings(
        "tick = \"1s\"\n\n[history]\nhot_memroy = \"64MB\"\n[log]\nlevel = \"inof\"\n",
    );
    for arguments in [&["config", "check"][..], &["snapshot"], &["doctor"], &[]] {
        let answer = person.run(arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}");
        assert_eq!(answer.out, "");
        assert_eq!(
            answer.err,
            "~/hubtop/config.toml:4:1: history.hot_memroy: there is no such setting; did you mean `history.hot_memory`?\n  \
             4 | hot_memroy = \"64MB\"\n    | ^^^^^^^^^^\n\
             ~/hubtop/config.toml:6:9: log.level: \"inof\" is not one of error, warn, info, debug, trace; did you mean `info`?\n  \
             6 | level = \"inof\"\n    |         ^^^^^^\n"
        );
    }
}

#[test]
fn the_environment_and_flags_are_held_to_the_same() {
    let person = Person::new();
    let unknown = person.run_with("HUBTOP_THEM", "nord", &["config", "check"]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(
        unknown.err,
        "environment HUBTOP_THEM: there is no such setting; did you mean `HUBTOP_THEME`?\n"
    );
    let flag = person.run(&["--tick", "90s", "config", "check"]);
    assert_eq!(
        (flag.code, flag.err.as_str()),
        (
            Some(2),
            "flag --tick: tick: 90s is not within 250ms to 1m\n"
        )
    );
    let missing = person.run_with("HUBTOP_CONFIG", "/nowhere.toml", &["config", "check"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.err.starts_with("/nowhere.toml: can't be read: "),
        "{}",
        missing.err
    );
}

#[test]
fn a_theme_that_does_not_exist_is_a_mistake_where_it_was_written() {
    let person = Person::with_settings("theme = \"dracual\"\n");
    let answer = person.run(&["config", "check"]);
    assert_eq!(answer.code, Some(2));
    assert!(
        answer.err.starts_with(
            "~/hubtop/config.toml:1:9: theme: \"dracual\" is no theme; `hubtop themes` lists them; did you mean `dracula`?\n"
        ),
        "{}",
        answer.err
    );
}

#[test]
fn show_says_what_is_in_force_and_where_it_comes_from() {
    let person = Person::with_settings("theme = \"nord\"\nsi = true\ntick = \"2s\"\n");
    let shown = person.run_with(
        "HUBTOP_TICK",
        "3s",
        &["config", "show", "--range", "6h", "--no-mouse"],
    );
    assert_eq!(shown.code, Some(0));
    let line = |name: &str| {
        let found = shown
            .out
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let (setting, place) = found.unwrap().split_once('#').unwrap();
        (setting.trim().to_owned(), place.trim().to_owned())
    };
    let expected = [
        ("theme", "theme = \"nord\"", "~/hubtop/config.toml:1"),
        ("si", "si = true", "~/hubtop/config.toml:2"),
        ("tick", "tick = \"3s\"", "environment HUBTOP_TICK"),
        ("range", "range = \"6h\"", "flag --range"),
        ("mouse", "mouse = false", "flag --no-mouse"),
        ("color", "color = \"auto\"", "default"),
    ];
    for (name, setting, place) in expected {
        assert_eq!(line(name), (setting.to_owned(), place.to_owned()));
    }
}

#[test]
fn a_rule_of_ones_own_is_in_force_and_replaces_a_default_one() {
    let rule = "[[rule]]\nname = \"high_cpu_usage\"\nmetric = \"memory_usage\"\ncondition_operator = \">=\"\nthreshold = 0\nfor = \"1s\"\nseverity = \"info\"\n";
    let person = Person::with_settings(rule);
    let json = person
        .run(&["snapshot", "--format", "json", "--wait", "0"])
        .out;
    let snapshot: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rules = snapshot["alerts"]["rules"].as_array().unwrap();
    let own: Vec<_> = rules
        .iter()
        .filter(|rule| rule["name"] == "high_cpu_usage")
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(
        own[0]["condition"],
        "system.memory.usage_percent >= 0.0% for 1s"
    );
    assert_eq!(rules.len(), hubtop::alert::default_rules().unwrap().len());
}

#[test]
fn keys_and_actions_that_do_not_exist_are_told_with_their_places() {
    let person = Person::with_settings("[keys]\nhlep = [\"h\"]\nhelp = [\"h\", \"hyper-x\"]\n");
    let answer = person.run(&["config", "check"]);
    assert_eq!(answer.code, Some(2));
    let places: Vec<&str> = answer
        .err
        .lines()
        .filter(|line| line.starts_with('~'))
        .collect();
    assert_eq!(places.len(), 2, "{}", answer.err);
    assert_eq!(
        places[0],
        "~/hubtop/config.toml:2:1: keys.hlep: there is no such action; did you mean `help`?"
    );
    assert!(
        places[1].starts_with("~/hubtop/config.toml:3:14: keys.help: \"hyper-x\" is no key"),
        "{}",
        places[1]
    );
}

#[test]
fn every_example_of_the_sample_passes_the_check() {
    let sample = include_str!("../../assets/config.toml");
    let line = |line: &str| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => format!("{example}\n"),
        _ => format!("{line}\n"),
    };
    let person = Person::with_settings(&sample.lines().map(line).collect::<String>());
    let answer = person.run(&["config", "check"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
}

#[test]
fn every_command_refuses_a_wrong_theme_and_wrong_keys_with_the_rest() {
    let person =
        Person::with_settings("theme = \"dracual\"\ntick = \"1h\"\n[keys]\nhelp = [\"hyper-x\"]\n");
    for arguments in [
        &["config", "check"][..],
        &["config", "show"],
        &["snapshot"],
        &["doctor"],
        &["demo"],
        &[],
    ] {
        let answer = person.run(arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}");
        assert_eq!(answer.out, "", "{arguments:?}");
        for place in [":1:9: theme: ", ":2:8: tick: ", ":4:9: keys.help: "] {
            let told = answer.err.contains(&format!("config.toml{place}"));
            assert!(told, "{arguments:?} {place}: {}", answer.err);
        }
    }
    let themes = Person::with_settings("theme = \"dracual\"\n").run(&["themes"]);
    assert_eq!(themes.code, Some(0), "it helps to mend the name");
}

#[test]
fn a_key_with_two_meanings_is_told_with_both() {
    let person =
        Person::with_settings("[keys]\nzoom = [\"Z\"]\nhelp = [\"f1\", \"Z\"]\nfilter = [\"q\"]\n");
    let answer = person.run(&["config", "check"]);
    assert_eq!(answer.code, Some(2));
    let places: Vec<&str> = answer
        .err
        .lines()
        .filter(|line| line.starts_with('~'))
        .collect();
    assert_eq!(
        places,
        [
            "~/hubtop/config.toml:3:15: keys.help: Z is a key of `zoom` already, at ~/hubtop/config.toml:2",
            "~/hubtop/config.toml:4:11: keys.filter: q is a key of `back` already, as it comes with hubtop",
        ]
    );
    let moved = Person::with_settings("[keys]\nback = []\nfilter = [\"q\"]\nquit = []\n");
    let answer = moved.run(&["config", "check"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
}
