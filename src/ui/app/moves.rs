//! What the actions do to the screen; those that move through time have a file of their own.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::dialog::Dialog;
use super::position::Position;
use super::run::Wish;
use super::state::App;
use crate::model::{Command, format};
use crate::ui::tabs::{Range, Route};
use crate::ui::theme::Role;

/// The ticks that `+` and `-` walk through, milliseconds.
const TICKS_MS: [u64; 9] = [250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000];

/// What terminals take by OSC 52 at the least, after base64 has made it a third longer.
const CLIPBOARD_BYTES: usize = 3000;

impl App {
    pub(crate) fn quit(&mut self) {
        self.wish = Some(Wish::Quit);
    }

    pub(crate) fn suspend(&mut self) {
        self.wish = Some(Wish::Suspend);
    }

    pub(crate) fn redraw(&mut self) {
        self.wish = Some(Wish::Redraw);
    }

    /// Clears what stands in the way, one thing at a time; whether there was anything.
    pub(crate) fn escape(&mut self) -> bool {
        let filtered = self.tabs[self.active]
            .list()
            .filter(|list| !list.filter().is_empty());
        if let Some(list) = filtered {
            list.set_filter("");
            return true;
        }
        if self.tabs[self.active]
            .list()
            .is_some_and(crate::ui::tabs::List::clear_marks)
        {
            return true;
        }
        if self.tabs[self.active].back() {
            return true;
        }
        if std::mem::take(&mut self.zoomed) {
            return true;
        }
        false
    }

    pub(crate) fn back_or_quit(&mut self) {
        if self.tabs[self.active].back() || std::mem::take(&mut self.zoomed) {
            return;
        }
        // A recording has no present that one would come back to.
        if self.position == Position::Live || self.feed.link().is_recording() {
            self.quit()
        } else {
            self.go_live()
        }
    }

    pub(crate) fn show_tab(&mut self, index: usize) {
        if index < self.tabs.len() {
            self.zoomed &= index == self.active;
            self.active = index;
        }
    }

    /// The next sub-list where the tab has them, else the next panel.
    pub(crate) fn next_list(&mut self, by: isize) {
        let (lists, shown) = self.tabs[self.active].sub_lists();
        if lists.is_empty() {
            self.focus_panel(by);
        } else {
            let next = wrap(shown, by, lists.len());
            self.tabs[self.active].show_sub_list(next);
        }
    }

    pub(crate) fn focus_panel(&mut self, by: isize) {
        let panels = self.tabs[self.active].panels().len();
        if panels > 0 {
            self.focus[self.active] = wrap(self.focus[self.active], by, panels);
        }
    }

    pub(crate) fn toggle_zoom(&mut self) {
        if self.tabs[self.active].panels().is_empty() {
            self.say("nothing to zoom here", Role::Info);
        } else {
            self.zoomed = !self.zoomed;
        }
    }

    pub(crate) fn open_row(&mut self) {
        let has_panels = !self.tabs[self.active].panels().is_empty();
        let list = self.tabs[self.active].list();
        if list.is_some_and(|list| list.counts().0 == 0) {
            return self.say("nothing to open", Role::Info);
        }
        if !self.with_tab(|tab, cx| tab.open(cx)) && has_panels {
            self.zoomed = !self.zoomed;
        }
    }

    pub(crate) fn tab_action(&mut self, name: &str) {
        if let Some(hint) = self.with_tab(|tab, cx| tab.act(name, cx)) {
            self.say(hint, Role::Info);
        }
    }

    pub(crate) fn open_deeds(&mut self) {
        if let Some(why) = self.locked() {
            return self.say(why, Role::Warning);
        }
        match self.with_tab(|tab, cx| tab.deeds(cx)) {
            Some(menu) => self.dialog = Some(Dialog::deeds(menu)),
            None => self.say("nothing can be done to this row", Role::Info),
        }
    }

    pub(crate) fn copy_row(&mut self) {
        match self.with_tab(|tab, cx| tab.row_text(cx)) {
            Some(text) => self.copy_text(text, "row"),
            None => self.say("no row to copy", Role::Info),
        }
    }

    /// Sends a text to the clipboard; `what` it is called.
    pub(super) fn copy_text(&mut self, text: String, what: &str) {
        if text.len() > CLIPBOARD_BYTES {
            return self.write_export(&text, &format!("{what} too long for the clipboard, "));
        }
        self.wish = Some(Wish::Copy(text));
        // The terminal does not answer; whether it took the text is not known.
        self.say(
            format!("{what} sent to the terminal's clipboard"),
            Role::Info,
        );
    }

    pub(crate) fn export_screen(&mut self) {
        let text = super::chrome::text_of(&self.drawn);
        self.write_export(&text, "");
    }

    fn write_export(&mut self, text: &str, why: &str) {
        let stamp = self.frame.at.local().format("%Y%m%d-%H%M%S");
        let host = self
            .frame
            .host
            .name
            .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let path = self
            .options
            .export_folder
            .join(format!("hubtop-{host}-{stamp}.txt"));
        // A file that is there already may be somebody's, or a link to somewhere else.
        let written = create_private(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => self.say(format!("{why}written to {}", path.display()), Role::Ok),
            Err(error) => self.say(
                format!("{why}not written to {}: {error}", path.display()),
                Role::Warning,
            ),
        }
    }

    pub(crate) fn tick(&self) -> Duration {
        self.frame.tick
    }

    pub(crate) fn change_tick(&mut self, slower: bool) {
        let now = self
            .ordered_tick
            .map_or(self.feed.newest().tick, |(tick, _)| tick);
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let next = if slower {
            TICKS_MS.iter().find(|tick| **tick > now)
        } else {
            TICKS_MS.iter().rev().find(|tick| **tick < now)
        };
        match next {
            Some(tick) => {
                let tick = Duration::from_millis(*tick);
                self.ordered_tick = Some((tick, self.feed.newest().number));
                self.order(Command::SetTick(tick));
            }
            None => self.say(
                format!("the tick is {}, no further", format::millis(now as f64)),
                Role::Info,
            ),
        }
    }

    pub(crate) fn change_range(&mut self, by: isize) {
        let now = Range::ALL
            .iter()
            .position(|range| *range == self.range)
            .unwrap_or(0);
        let next = now.saturating_add_signed(by).min(Range::ALL.len() - 1);
        self.range = Range::ALL[next];
        self.say(format!("charts show {}", self.range.word()), Role::Info);
    }

    pub(crate) fn open_help(&mut self) {
        self.dialog = Some(Dialog::help(self));
    }

    pub(crate) fn open_palette(&mut self) {
        self.dialog = Some(Dialog::palette(self));
    }

    pub(crate) fn open_themes(&mut self) {
        self.dialog = Some(Dialog::themes(self));
    }

    pub(crate) fn open_filter(&mut self) {
        if let Some(list) = self.tabs[self.active].list() {
            self.dialog = Some(Dialog::filter(list.filter()));
        }
    }

    pub(crate) fn open_sort(&mut self) {
        if let Some(list) = self.tabs[self.active].list() {
            self.dialog = Some(Dialog::sort(list.columns(), list.order()));
        }
    }

    /// Goes where a jump leads.
    pub(super) fn follow(&mut self, route: &Route) {
        let title = match route {
            Route::Tab(title) | Route::Row(title, _) => *title,
        };
        let Some(index) = self.tabs.iter().position(|tab| tab.title() == title) else {
            return;
        };
        self.show_tab(index);
        self.refresh();
        if let Route::Row(_, row) = route
            && !self.with_tab(|tab, cx| tab.go_to(row, cx))
        {
            self.say("it is gone", Role::Info);
        }
    }
}

/// A new file that nobody else may read: a screen shows command lines and statements.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn wrap(index: usize, by: isize, count: usize) -> usize {
    let count = isize::try_from(count).unwrap_or(1).max(1);
    let index = isize::try_from(index).unwrap_or(0);
    usize::try_from((index + by).rem_euclid(count)).unwrap_or(0)
}
