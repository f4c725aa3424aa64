//! A theme as it is drawn with: brought down to the terminal's colours once, so that drawing only looks up.

use ratatui::style::{Color, Modifier, Style};

use super::color::{Paint, Rgb};
use super::{ColorDepth, Role, RoleStyle, Symbols, Theme};
use crate::model::Formatter;

/// Steps of the gradient from calm to worst. More can't be told apart in a chart of ten rows.
const HEAT_STEPS: usize = 24;

/// Steps from few to many in a heat-map.
const SHADE_STEPS: usize = 12;

/// A theme as it is drawn with: styles already brought down to the terminal's colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Glyphs.
    pub symbols: Symbols,
    /// How numbers are written.
    pub format: Formatter,
    styles: [Style; Role::COUNT],
    heat: [Style; HEAT_STEPS],
    shades: Option<[Style; SHADE_STEPS]>,
}

impl Look {
    /// `theme` on a terminal with so many colours and these glyphs.
    #[must_use]
    pub fn new(theme: &Theme, depth: ColorDepth, symbols: Symbols, format: Formatter) -> Self {
        let mut styles = [Style::new(); Role::COUNT];
        for (role, _) in Role::ALL {
            styles[role.index()] = style_at(role, theme.role(role), depth);
        }
        let mut heat = [Style::new(); HEAT_STEPS];
        for (step, style) in heat.iter_mut().enumerate() {
            let fraction = step as f64 / (HEAT_STEPS - 1) as f64;
            *style = heat_at(theme.heat(), fraction, depth);
        }
        Self {
            symbols,
            format,
            styles,
            heat,
            shades: shades(theme, depth).filter(|_| symbols != Symbols::Ascii),
        }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles[role.index()]
    }

    /// The style of a filled chart or gauge at `fraction` (0 calm, 1 the worst) of its scale.
    #[must_use]
    pub fn heat(&self, fraction: f64) -> Style {
        let fraction = if fraction.is_finite() { fraction } else { 0.0 };
        let step = fraction.clamp(0.0, 1.0) * (HEAT_STEPS - 1) as f64;
        self.heat[step.round() as usize]
    }

    /// The style of a full cell of a heat-map that stands for few (0) to many (1); `None` when the terminal can't show a
    /// gradient. It goes from quiet to the colour of the first curve and on to bright: green and red are left to states.
    #[must_use]
    pub fn shade(&self, fraction: f64) -> Option<Style> {
        let step = fraction.clamp(0.0, 1.0) * (SHADE_STEPS - 1) as f64;
        self.shades.map(|shades| shades[step.round() as usize])
    }

    /// The style of `role` if there is one, else the one of `fraction` on the gradient.
    #[must_use]
    pub fn role_or_heat(&self, role: Option<Role>, fraction: f64) -> Style {
        role.map_or_else(|| self.heat(fraction), |role| self.style(role))
    }
}

fn style_at(role: Role, given: &RoleStyle, depth: ColorDepth) -> Style {
    let mut style = Style::new().add_modifier(given.modifiers);
    match depth {
        ColorDepth::None => return style.add_modifier(meaning_without_colour(role)),
        ColorDepth::Ansi16 => {
            // A painted background is left to the terminal: its sixteen colours are not those that the theme was made for.
            style.fg = given.ansi.or_else(|| given.fg.map(|p| color_at(p, depth)));
            let painted = given.bg.is_some_and(|p| matches!(p, Paint::Rgb(_)));
            if painted && role != Role::Text {
                style.fg = None;
                style = style.add_modifier(Modifier::REVERSED);
            }
        }
        ColorDepth::Ansi256 | ColorDepth::True => {
            style.fg = given.fg.map(|paint| color_at(paint, depth));
            style.bg = given.bg.map(|paint| color_at(paint, depth));
        }
    }
    style
}

/// What carries the meaning of a role when there is no colour.
fn meaning_without_colour(role: Role) -> Modifier {
    match role {
        Role::Critical => Modifier::BOLD.union(Modifier::REVERSED),
        Role::Selection | Role::TabActive => Modifier::REVERSED,
        Role::Warning | Role::Accent | Role::BorderFocused | Role::Mode | Role::Title => {
            Modifier::BOLD
        }
        Role::Bright | Role::Key => Modifier::BOLD,
        Role::Match | Role::Marked => Modifier::UNDERLINED,
        Role::Dim | Role::Border | Role::Track => Modifier::DIM,
        _ => Modifier::empty(),
    }
}

fn color_at(paint: Paint, depth: ColorDepth) -> Color {
    match (paint, depth) {
        (Paint::Terminal(color), _) => color,
        (Paint::Rgb(_), ColorDepth::None) => Color::Reset,
        (Paint::Rgb(rgb), ColorDepth::Ansi16) => rgb.to_16(),
        (Paint::Rgb(rgb), ColorDepth::Ansi256) => rgb.to_256(),
        (Paint::Rgb(Rgb(r, g, b)), ColorDepth::True) => Color::Rgb(r, g, b),
    }
}

fn heat_at(stops: &[Rgb], fraction: f64, depth: ColorDepth) -> Style {
    let (Some(first), Some(last)) = (stops.first(), stops.last()) else {
        return Style::new();
    };
    if depth == ColorDepth::None {
        return Style::new();
    }
    if depth == ColorDepth::Ansi16 {
        let color = match fraction {
            f if f < 0.6 => Color::Green,
            f if f < 0.85 => Color::Yellow,
            _ => Color::Red,
        };
        return Style::new().fg(color);
    }
    let place = fraction * (stops.len() - 1) as f64;
    let below = stops.get(place.floor() as usize).unwrap_or(first);
    let above = stops.get(place.ceil() as usize).unwrap_or(last);
    let rgb = below.mix(*above, place.fract());
    Style::new().fg(color_at(Paint::Rgb(rgb), depth))
}

fn shades(theme: &Theme, depth: ColorDepth) -> Option<[Style; SHADE_STEPS]> {
    if depth < ColorDepth::Ansi256 {
        return None;
    }
    let rgb = |role| match theme.role(role).fg {
        Some(Paint::Rgb(rgb)) => Some(rgb),
        _ => None,
    };
    let (quiet, curve, bright) = (rgb(Role::Track)?, rgb(Role::Curve1)?, rgb(Role::Bright)?);
    let mut shades = [Style::new(); SHADE_STEPS];
    for (step, style) in shades.iter_mut().enumerate() {
        let share = step as f64 / (SHADE_STEPS - 1) as f64;
        let mixed = if share < 0.7 {
            quiet.mix(curve, 0.15 + share / 0.7 * 0.85)
        } else {
            curve.mix(bright, (share - 0.7) / 0.3)
        };
        *style = Style::new().fg(color_at(Paint::Rgb(mixed), depth));
    }
    Some(shades)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Themes;

    fn look(name: &str, depth: ColorDepth) -> Look {
        let themes = Themes::embedded();
        let theme = themes.get(name).unwrap();
        Look::new(theme, depth, Symbols::Braille, Formatter::default())
    }

    #[test]
    fn meaning_survives_without_colours() {
        let plain = look("hubtop-dark", ColorDepth::None);
        for (role, name) in Role::ALL {
            let style = plain.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
        }
        let differ = [
            Role::Text,
            Role::Dim,
            Role::Warning,
            Role::Critical,
            Role::Selection,
        ];
        for (i, a) in differ.iter().enumerate() {
            for b in &differ[i + 1..] {
                assert_ne!(plain.style(*a), plain.style(*b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn sixteen_colours_keep_states_apart_in_every_theme() {
        for name in Themes::embedded().names().filter(|name| *name != "mono") {
            let look = look(name, ColorDepth::Ansi16);
            let states = [Role::Ok, Role::Warning, Role::Critical].map(|role| look.style(role).fg);
            assert!(
                states[0] != states[1] && states[1] != states[2],
                "{name}: {states:?}"
            );
        }
    }

    #[test]
    fn heat_goes_from_calm_to_worst() {
        let look = look("hubtop-dark", ColorDepth::True);
        assert_ne!(look.heat(0.0), look.heat(1.0));
        assert_eq!(look.heat(f64::NAN), look.heat(0.0));
        assert_eq!(look.heat(7.0), look.heat(1.0));
    }
}
