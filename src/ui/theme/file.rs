//! A theme file: a palette, a style a role, the stops of the gradient. A mistake in it is a warning that names file, line
//! and the nearest right name; the rest of the file still counts.

use std::collections::HashMap;
use std::fmt;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Role;
use super::color::{ANSI, Paint, Rgb, ansi_named};

/// The style of a role as its file gives it, before it is brought down to a terminal's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoleStyle {
    /// Foreground; `None` leaves what is there.
    pub fg: Option<Paint>,
    /// Background; `None` leaves what is there.
    pub bg: Option<Paint>,
    /// Bold, dim, italic, underline, reverse.
    pub modifiers: Modifier,
    /// The foreground on a terminal with sixteen colours; `None` takes the nearest.
    pub ansi: Option<Color>,
}

/// A theme: a style for each role.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name: the file's, without `.toml`.
    pub name: String,
    /// One line about it, for lists.
    pub about: String,
    roles: [RoleStyle; Role::COUNT],
    heat: Vec<Rgb>,
    /// The roles as they are written, and the colours behind their names: a theme that inherits gives other colours the
    /// same names.
    written: [WrittenStyle; Role::COUNT],
    written_heat: Vec<String>,
    palette: HashMap<String, Paint>,
}

/// The style of a role as it is written: colours by name.
#[derive(Debug, Clone, PartialEq, Default)]
struct WrittenStyle {
    fg: Option<String>,
    bg: Option<String>,
    modifiers: Modifier,
    ansi: Option<Color>,
}

impl Theme {
    /// The style of a role.
    #[must_use]
    pub fn role(&self, role: Role) -> &RoleStyle {
        &self.roles[role.index()]
    }

    /// The stops of the gradient from calm to worst; none for a theme without colours.
    #[must_use]
    pub fn heat(&self) -> &[Rgb] {
        &self.heat
    }

    /// A theme without any style: what a file that can't be read leaves.
    pub(super) fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: String::new(),
            roles: [RoleStyle::default(); Role::COUNT],
            heat: Vec::new(),
            written: std::array::from_fn(|_| WrittenStyle::default()),
            written_heat: Vec::new(),
            palette: HashMap::new(),
        }
    }

    /// Puts the palette's colours behind the names in the roles and the gradient.
    fn paint_names(&mut self) {
        let palette = &self.palette;
        let paint = |name: &Option<String>| {
            let name = name.as_deref()?;
            palette.get(name).copied().or_else(|| Paint::parse(name))
        };
        for (role, written) in self.roles.iter_mut().zip(&self.written) {
            *role = RoleStyle {
                fg: paint(&written.fg),
                bg: paint(&written.bg),
                modifiers: written.modifiers,
                ansi: written.ansi,
            };
        }
        let stops = self
            .written_heat
            .iter()
            .map(|name| paint(&Some(name.clone())));
        self.heat = stops
            .filter_map(|paint| match paint {
                Some(Paint::Rgb(rgb)) => Some(rgb),
                _ => None,
            })
            .collect();
    }
}

/// What is wrong in a theme file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeWarning {
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for ThemeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Reads one theme file.
pub(super) struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    warnings: Vec<ThemeWarning>,
}

/// What a file can hold at its top.
const KEYS: [&str; 5] = ["about", "inherits", "heat", "palette", "roles"];
/// What a role can hold.
const STYLE_KEYS: [&str; 8] = [
    "fg",
    "bg",
    "bold",
    "dim",
    "italic",
    "underline",
    "reverse",
    "ansi",
];

impl<'a> Reader<'a> {
    /// A reader of `source`; `file` is its name in warnings.
    pub(super) fn new(file: &'a str, source: &'a str) -> Self {
        Self {
            file,
            source,
            warnings: Vec::new(),
        }
    }

    /// The theme called `name`. `parent` gives the theme to inherit from: of the name written, or the default for `None`.
    pub(super) fn read(
        mut self,
        name: &str,
        parent: impl Fn(Option<&str>) -> Option<Theme>,
    ) -> (Option<Theme>, Vec<ThemeWarning>) {
        let source = self.source;
        let document = match DeTable::parse(source) {
            Ok(document) => document.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.warn(at, error.message().trim().replace('\n', "; "));
                return (None, self.warnings);
            }
        };
        for key in document.keys() {
            self.expect_known(key, &KEYS);
        }
        let mut theme = self.inherited(&document, &parent);
        name.clone_into(&mut theme.name);
        theme.about = document
            .get("about")
            .and_then(|about| self.text(about))
            .unwrap_or_default();
        self.read_palette(&document, &mut theme);
        self.read_heat(&document, &mut theme);
        self.read_roles(&document, &mut theme);
        theme.paint_names();
        (Some(theme), self.warnings)
    }

    fn inherited(
        &mut self,
        document: &DeTable<'a>,
        parent: &impl Fn(Option<&str>) -> Option<Theme>,
    ) -> Theme {
        let Some(value) = document.get("inherits") else {
            return parent(None).unwrap_or_else(|| Theme::plain(""));
        };
        let wanted = self.text(value).unwrap_or_default();
        if wanted == "none" {
            return Theme::plain("");
        }
        if let Some(theme) = parent(Some(&wanted)) {
            return theme;
        }
        self.warn(
            value.span().start,
            format!(
                "there is no theme {wanted:?} to inherit from (its name is the name of its file)"
            ),
        );
        parent(None).unwrap_or_else(|| Theme::plain(""))
    }

    fn read_palette(&mut self, document: &DeTable<'a>, theme: &mut Theme) {
        for (key, value) in self.table(document, "palette") {
            if let Some(paint) = self.paint(value, &HashMap::new()) {
                theme.palette.insert(key.get_ref().to_string(), paint);
            }
        }
    }

    fn read_heat(&mut self, document: &DeTable<'a>, theme: &mut Theme) {
        let Some(value) = document.get("heat") else {
            return;
        };
        let DeValue::Array(stops) = value.get_ref() else {
            self.warn(value.span().start, "heat is a list of colours".to_owned());
            return;
        };
        theme.written_heat.clear();
        for stop in stops.iter() {
            match self.paint(stop, &theme.palette) {
                Some(Paint::Rgb(_)) => theme.written_heat.extend(self.text(stop)),
                Some(Paint::Terminal(_)) => {
                    let message = "a stop of heat is written #rrggbb".to_owned();
                    self.warn(stop.span().start, message);
                }
                None => {}
            }
        }
    }

    fn read_roles(&mut self, document: &DeTable<'a>, theme: &mut Theme) {
        for (key, value) in self.table(document, "roles") {
            let names = Role::ALL.map(|(_, name)| name);
            if !self.expect_known(key, &names) {
                continue;
            }
            if let Some(role) = Role::named(key.get_ref()) {
                theme.written[role.index()] = self.style(value, &theme.palette);
            }
        }
    }

    /// `"red"`, short for `{ fg = "red" }`, or a table of [`STYLE_KEYS`].
    fn style(
        &mut self,
        value: &Spanned<DeValue<'a>>,
        palette: &HashMap<String, Paint>,
    ) -> WrittenStyle {
        let mut style = WrittenStyle::default();
        let DeValue::Table(parts) = value.get_ref() else {
            style.fg = self.paint_name(value, palette);
            return style;
        };
        for (key, part) in parts {
            if !self.expect_known(key, &STYLE_KEYS) {
                continue;
            }
            match &**key.get_ref() {
                "fg" => style.fg = self.paint_name(part, palette),
                "bg" => style.bg = self.paint_name(part, palette),
                "ansi" => style.ansi = self.ansi(part),
                "bold" => self.modifier(&mut style, part, Modifier::BOLD),
                "dim" => self.modifier(&mut style, part, Modifier::DIM),
                "italic" => self.modifier(&mut style, part, Modifier::ITALIC),
                "underline" => self.modifier(&mut style, part, Modifier::UNDERLINED),
                _ => self.modifier(&mut style, part, Modifier::REVERSED),
            }
        }
        style
    }

    fn modifier(
        &mut self,
        style: &mut WrittenStyle,
        value: &Spanned<DeValue<'a>>,
        which: Modifier,
    ) {
        match value.get_ref() {
            DeValue::Boolean(true) => style.modifiers |= which,
            DeValue::Boolean(false) => {}
            _ => self.warn(value.span().start, "this is true or false".to_owned()),
        }
    }

    fn ansi(&mut self, value: &Spanned<DeValue<'a>>) -> Option<Color> {
        let text = self.text(value)?;
        let color = ansi_named(&text);
        if color.is_none() {
            let names = ANSI.map(|(name, ..)| name);
            self.warn(
                value.span().start,
                format!("{text:?} is none of the sixteen{}", hint(&text, &names)),
            );
        }
        color
    }

    /// A colour, or the name of one in the palette.
    fn paint(
        &mut self,
        value: &Spanned<DeValue<'a>>,
        palette: &HashMap<String, Paint>,
    ) -> Option<Paint> {
        let text = self.text(value)?;
        if let Some(paint) = palette.get(text.as_str()).copied() {
            return Some(paint);
        }
        let paint = Paint::parse(&text);
        if paint.is_none() {
            let mut names: Vec<&str> = palette.keys().map(String::as_str).collect();
            names.extend(ANSI.map(|(name, ..)| name));
            let mend = hint(&text, &names);
            self.warn(
                value.span().start,
                format!(
                    "{text:?} is no colour: write #rrggbb, default, or a name of the palette{mend}"
                ),
            );
        }
        paint
    }

    /// The name of a colour, when there is one behind it.
    fn paint_name(
        &mut self,
        value: &Spanned<DeValue<'a>>,
        palette: &HashMap<String, Paint>,
    ) -> Option<String> {
        self.paint(value, palette)?;
        self.text(value)
    }

    fn text(&mut self, value: &Spanned<DeValue<'a>>) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.warn(
            value.span().start,
            "this is a text in quotation marks".to_owned(),
        );
        None
    }

    fn table<'d>(
        &mut self,
        document: &'d DeTable<'a>,
        name: &str,
    ) -> Vec<(
        &'d Spanned<std::borrow::Cow<'a, str>>,
        &'d Spanned<DeValue<'a>>,
    )> {
        match document.get(name) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Table(table) => table.iter().collect(),
                _ => {
                    self.warn(
                        value.span().start,
                        format!("{name} is a table: [{name}] on a line of its own"),
                    );
                    Vec::new()
                }
            },
        }
    }

    fn expect_known(&mut self, key: &Spanned<std::borrow::Cow<'a, str>>, known: &[&str]) -> bool {
        let name: &str = key.get_ref();
        if known.contains(&name) {
            return true;
        }
        let mend = hint(name, known);
        self.warn(key.span().start, format!("{name:?} is not known{mend}"));
        false
    }

    fn warn(&mut self, at: usize, message: String) {
        let before = self.source.get(..at).unwrap_or_default();
        self.warnings.push(ThemeWarning {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            message,
        });
    }
}

/// `; did you mean …?` with the nearest of the names, if one is near.
fn hint(given: &str, names: &[&str]) -> String {
    let nearest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match nearest {
        Some((nearness, name)) if nearness > 0.75 => format!("; did you mean {name:?}?"),
        _ => String::new(),
    }
}
