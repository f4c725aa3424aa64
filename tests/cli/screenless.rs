//! Where there can be no screen, and what else is done without one.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::Person;

#[test]
fn without_a_terminal_it_prints_the_snapshot_and_says_so() {
    for arguments in [&[][..], &["demo"]] {
        let answer = Person::new().run(arguments);
        assert_eq!(answer.code, Some(0));
        assert!(answer.out.contains("\nProcesses: "), "{}", answer.out);
        assert_eq!(
            answer.err,
            "hubtop: the output is no terminal: this is `hubtop snapshot`; open a terminal for the screen\n"
        );
    }
}

#[test]
fn on_a_dumb_terminal_too() {
    let person = Person::new();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hubtop"));
    command.env("TERM", "dumb");
    command.env("XDG_CONFIG_HOME", person.home.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut said = Vec::new();
    // A pseudo-terminal whose other end is gone answers with an error; what came before it counts.
    let _ = pair
        .master
        .try_clone_reader()
        .unwrap()
        .read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(said.contains("hubtop: TERM is dumb: "), "{said}");
    assert!(said.contains("Processes: "), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn the_doctor_names_what_it_found() {
    let answer = Person::new().run(&["doctor", "--no-discover"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    for section in [
        "Settings\n",
        "\nTerminal\n",
        "\nThis machine\n",
        "\nAPI\n",
        "\nCache\n",
        "\nQueries\n",
        "\nRights and limits\n",
        "\nRules\n",
    ] {
        assert!(
            answer.out.contains(section),
            "{section:?} in {}",
            answer.out
        );
    }
    for line in [
        "  – ~/hubtop/config.toml is not there; `hubtop config init` writes one with every setting\n",
        "  ✓ cpu: up",
        "  ✓ processes: up",
        "  ✓ high_cpu_usage: system.cpu.usage_percent > 80% for 5m00s\n",
        "  – high_error_rate: no source brings its metric",
    ] {
        assert!(answer.out.contains(line), "{line:?} in {}", answer.out);
    }
    let plain = Person::new().run_with("LC_ALL", "C", &["doctor", "--no-discover"]);
    assert!(plain.out.is_ascii(), "{}", plain.out);
}

#[test]
fn the_doctor_names_an_access_log_that_is_watched() {
    let person = Person::new();
    let log = person.home.path().join("access.log");
    std::fs::write(&log, "").unwrap();
    let file = person.settings_file();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let settings =
        format!("[[source]]\nkind = \"access_log\"\nname = \"shop log\"\naddress = {log:?}\n");
    std::fs::write(file, settings).unwrap();
    let answer = person.run(&["doctor", "--no-discover"]);
    let (_, api) = answer.out.split_once("\nAPI\n").unwrap();
    assert!(api.starts_with("  ✓ shop log: up"), "{}", answer.out);
}

#[cfg(unix)]
#[test]
fn the_log_goes_to_a_file_of_ones_own() {
    use std::os::unix::fs::PermissionsExt;
    let person = Person::new();
    let log = person.home.path().join("hubtop.log");
    for times in 1..=2 {
        let answer = person.run(&["snapshot", "--wait", "0", "--log", log.to_str().unwrap()]);
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
        let text = std::fs::read_to_string(&log).unwrap();
        assert_eq!(text.matches(" started ").count(), times, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    assert_eq!(
        std::fs::metadata(&log).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let nowhere = person.run(&["snapshot", "--log", "/nowhere/hubtop.log"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(
        nowhere.err.starts_with("hubtop: /nowhere/hubtop.log: "),
        "{}",
        nowhere.err
    );
}
