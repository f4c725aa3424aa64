//! What the screen would have to draw on.

use super::finding::{Finding, Section};
use crate::config::{ColorWish, Settings, SymbolsWish};
use crate::ui::facts::{NEEDED, TerminalFacts};
use crate::ui::theme::{ColorDepth, Symbols};

/// Asks the terminal's environment.
pub fn look() -> TerminalFacts {
    TerminalFacts::look(|name| std::env::var(name).ok())
}

/// What was found of the terminal.
pub fn section(facts: &TerminalFacts, settings: &Settings) -> Section {
    let mut findings = vec![
        name(facts),
        size(facts),
        colours(facts, settings),
        glyphs(facts, settings),
    ];
    findings.push(mouse(settings));
    if facts.multiplexed {
        findings.push(multiplexer(facts));
    }
    Section::new("Terminal", findings)
}

fn name(facts: &TerminalFacts) -> Finding {
    let name = facts.name.as_deref();
    match name {
        _ if !facts.is_terminal => Finding::absent("the output is no terminal")
            .mend("`hubtop` prints the text snapshot here, the screen needs a terminal"),
        None | Some("dumb") => Finding::doubt(format!("TERM is {}", name.unwrap_or("not set")))
            .mend("set TERM to what your terminal is, such as xterm-256color"),
        Some(name) => Finding::good(format!("TERM is {name}")),
    }
}

fn size(facts: &TerminalFacts) -> Finding {
    let Some((columns, rows)) = facts.size else {
        return Finding::absent("the size is not known");
    };
    let size = format!("{columns} columns, {rows} rows");
    if columns < NEEDED.0 || rows < NEEDED.1 {
        let mend = format!("the screen needs {} columns, {} rows", NEEDED.0, NEEDED.1);
        return Finding::doubt(size).mend(mend);
    }
    Finding::good(size)
}

fn colours(facts: &TerminalFacts, settings: &Settings) -> Finding {
    let has = match facts.depth {
        ColorDepth::True => "24 bit colours",
        ColorDepth::Ansi256 => "256 colours",
        ColorDepth::Ansi16 => "16 colours",
        ColorDepth::None => "no colours",
    };
    match (settings.color, facts.depth) {
        (ColorWish::Auto, ColorDepth::True) => Finding::good(has),
        (ColorWish::Auto, ColorDepth::None) => {
            Finding::absent(format!("{has}: NO_COLOR is set or TERM has none"))
                .mend("--color 256 asks for them all the same")
        }
        (ColorWish::Auto, _) => Finding::good(has)
            .mend("if yours shows 24 bit, COLORTERM=truecolor or --color true says so"),
        _ => {
            let place = settings.place_of("color");
            Finding::good(format!(
                "colours as wished ({place}); the terminal says {has}"
            ))
        }
    }
}

fn glyphs(facts: &TerminalFacts, settings: &Settings) -> Finding {
    if settings.symbols != SymbolsWish::Auto {
        let place = settings.place_of("symbols");
        return Finding::good(format!("symbols as wished ({place})"));
    }
    match facts.symbols {
        Symbols::Ascii => {
            Finding::doubt("ASCII symbols: the locale is not UTF-8, or this is Linux's console")
                .mend("LANG=C.UTF-8 or --symbols blocks draws finer charts")
        }
        _ => Finding::good("braille symbols")
            .mend("if charts look broken, --symbols blocks or ascii mends them"),
    }
}

fn mouse(settings: &Settings) -> Finding {
    if settings.mouse {
        return Finding::good("mouse on")
            .mend("Shift and drag selects text, --no-mouse leaves it off");
    }
    let place = settings.place_of("mouse");
    Finding::absent(format!("mouse off ({place})"))
}

/// tmux tells no colours by itself, and its escape-time makes Esc feel slow.
fn multiplexer(facts: &TerminalFacts) -> Finding {
    if facts.depth == ColorDepth::True {
        return Finding::good("inside tmux or screen")
            .mend("`set -sg escape-time 10` in tmux makes Esc answer at once");
    }
    Finding::doubt("inside tmux or screen, which hide the terminal's colours").mend(
        "in tmux: `set -g default-terminal tmux-256color`, `set -ga terminal-overrides ,*:RGB`, `set -sg escape-time 10`",
    )
}
