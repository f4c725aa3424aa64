//! The README says what the program says: its tables stand between markers (`<!-- keys -->` … `<!-- /keys -->`) and are
//! compared with what the program's own tables give. Where one differs, the right text is printed, to be put there.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

use std::fmt::Write;
use std::path::Path;

use hubtop::alert::default_rules;
use hubtop::ui::action::{self, Keymap, Scope};
use hubtop::ui::theme::Themes;
use serde_json::Value;

const README: &str = include_str!("../README.md");
const SCHEMA: &str = include_str!("../assets/snapshot.schema.json");
const CONFIG: &str = include_str!("../assets/config.toml");

/// Compares what stands between the markers called `name` with what should.
fn compare(name: &str, right: &str) {
    let begin = format!("<!-- {name} -->\n");
    let end = format!("<!-- /{name} -->");
    let stands = README
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end))
        .map(|(inside, _)| inside.trim());
    assert!(
        stands == Some(right.trim()),
        "README.md: between {} and {end} belongs:\n\n{right}",
        begin.trim()
    );
}

/// A row of a table.
fn row(cells: &[&str]) -> String {
    let escaped: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", escaped.join(" | "))
}

fn head(cells: &[&str]) -> String {
    row(cells) + &"|---".repeat(cells.len()) + "|\n"
}

fn code(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(" ")
}

#[test]
fn keys() {
    let keymap = Keymap::default();
    let mut right = String::new();
    for scope in [Scope::Everywhere, Scope::List, Scope::Tab] {
        let heading = match scope {
            Scope::Tab => "On some tabs",
            other => other.heading(),
        };
        write!(right, "**{heading}**\n\n").unwrap();
        right += &head(&["keys", "what it does", "name"]);
        for action in action::all().filter(|action| action.scope == scope) {
            let text = keymap.keys_text(action.name);
            let keys: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            right += &row(&[&code(&keys), action.doc, &format!("`{}`", action.name)]);
        }
        right.push('\n');
    }
    compare("keys", &right);
}

#[test]
fn settings() {
    let mut right = head(&["setting", "default", "what it is"]);
    let (mut section, mut about) = (String::new(), Vec::new());
    for line in CONFIG.lines() {
        if line.starts_with("#[[") || line.starts_with("#[keys]") {
            break;
        }
        // The words above a section go on in those of its first setting.
        if let Some(name) = line.strip_prefix("#[") {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if line.is_empty() {
            about.clear();
        } else if let Some(words) = line.strip_prefix("# ") {
            about.push(words);
        } else if let Some((key, value)) =
            line.strip_prefix('#').and_then(|it| it.split_once(" = "))
        {
            // A path or an address is an example: without it there is none.
            let value = if matches!(key, "file" | "folder" | "from") {
                "–".to_owned()
            } else {
                format!("`{value}`")
            };
            right += &row(&[&format!("`{section}{key}`"), &value, &about.join(" ")]);
            about.clear();
        }
    }
    compare("settings", &right);
}

#[test]
fn the_form_of_a_snapshot() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    // The file's own order, which a map does not keep.
    let mut members: Vec<(&String, &Value)> =
        schema["properties"].as_object().unwrap().iter().collect();
    members.sort_by_key(|(name, _)| SCHEMA.find(&format!("\n    \"{name}\":")));
    let mut right = head(&["key", "what it is", "keys in it"]);
    for (name, member) in members {
        let (form, inside) = form_of(member);
        let about = member["description"].as_str();
        let form = about.map_or_else(|| form.clone(), |about| format!("{form}: {about}"));
        right += &row(&[&format!("`{name}`"), &form, &inside]);
    }
    compare("snapshot", &right);
}

/// The form of a member in words, and the keys of what is in it.
fn form_of(member: &Value) -> (String, String) {
    if let Some(value) = member.get("const") {
        return (value.to_string(), String::new());
    }
    let types = match &member["type"] {
        Value::String(one) => one.clone(),
        many => {
            let names = many.as_array().unwrap().iter();
            names
                .map(|name| name.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(" or ")
        }
    };
    let inside = [&member["properties"], &member["items"]["properties"]];
    let keys = inside.into_iter().find_map(Value::as_object).map(|keys| {
        let mut names: Vec<String> = keys.keys().cloned().collect();
        names.sort();
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    });
    (types, keys.unwrap_or_default())
}

#[test]
fn rules() {
    let rules: toml::Table = include_str!("../assets/rules/default.toml")
        .parse()
        .unwrap();
    let mut right = head(&["rule", "fires when", "for", "severity"]);
    for rule in rules["rule"].as_array().unwrap() {
        let text = |key: &str| rule[key].as_str().unwrap().to_owned();
        let when = format!(
            "`{} {} {}`",
            text("metric"),
            text("condition_operator"),
            rule["threshold"]
        );
        right += &row(&[
            &format!("`{}`", text("name")),
            &when,
            &text("for"),
            &text("severity"),
        ]);
    }
    assert_eq!(
        rules["rule"].as_array().unwrap().len(),
        default_rules().unwrap().len()
    );
    compare("rules", &right);
}

#[test]
fn themes() {
    let names: Vec<String> = Themes::embedded()
        .names()
        .map(|name| format!("`{name}`"))
        .collect();
    compare("themes", &names.join(", "));
}

#[test]
fn what_it_points_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let links = README
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let missing: Vec<&str> = links
        .map(|(link, _)| link)
        .filter(|link| !link.contains("://") && !link.starts_with('#'))
        .filter(|link| !root.join(link).exists())
        .collect();
    assert!(
        missing.is_empty(),
        "README.md points to {missing:?}, which is not there"
    );
}
