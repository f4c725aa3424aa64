//! What a person chose, and the frame that is shown.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::FuturesUnordered;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::oneshot;

use super::dialog::Dialog;
use super::options::Options;
use super::position::Position;
use super::run::Wish;
use super::time_bar::Seen;
use crate::feed::Feed;
use crate::model::{Command, CommandOutcome, Focus, Frame, Severity};
use crate::ui::action::{Action, Keymap, Scope};
use crate::ui::tabs::{self, Context, Hits, List, Range, Tab};
use crate::ui::theme::{Look, Role};

/// A line in the footer that stands for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub text: String,
    pub role: Role,
    pub said: Instant,
}

impl Message {
    /// How long it stands.
    pub const STANDS: Duration = Duration::from_secs(5);

    /// Whether it has stood long enough.
    pub fn is_over(&self) -> bool {
        self.said.elapsed() >= Self::STANDS
    }
}

/// The screen: what is open, where in time it stands, what lies over it.
pub struct App {
    pub(super) feed: Box<dyn Feed>,
    pub(super) frame: Arc<Frame>,
    pub(super) position: Position,
    pub(super) tabs: Vec<Box<dyn Tab>>,
    pub(super) active: usize,
    /// The panel that has the keys, a tab.
    pub(super) focus: Vec<usize>,
    pub(super) zoomed: bool,
    pub(super) range: Range,
    pub(super) look: Look,
    pub(super) theme: String,
    pub(super) options: Options,
    pub(super) dialog: Option<Dialog>,
    pub(super) message: Option<Message>,
    pub(super) hits: Hits,
    /// The screen as text, for exports; kept from the last drawing.
    pub(super) drawn: Buffer,
    pub(super) outcomes: FuturesUnordered<oneshot::Receiver<CommandOutcome>>,
    pub(super) recent: Vec<String>,
    pub(super) wish: Option<Wish>,
    /// How long ago the newest frame came, as the loop measured it.
    pub(super) age: Option<Duration>,
    /// The tick that was ordered and the newest frame then, until a later frame has that tick: several presses add up.
    pub(super) ordered_tick: Option<(Duration, u64)>,
    /// The bar of time.
    pub(super) bar: Seen,
    /// Whether the position has moved since the frame was fetched.
    pub(super) has_moved: bool,
    focused: Focus,
}

impl App {
    /// A screen over a feed.
    #[must_use]
    pub fn new(feed: Box<dyn Feed>, options: Options) -> Self {
        let tabs = tabs::all(options.signals);
        let focus = tabs.iter().map(|tab| tab.first_focus()).collect();
        let theme = options.theme.clone();
        let look = look_of(&options, &theme);
        let mut app = Self {
            frame: feed.newest(),
            feed,
            position: Position::Live,
            tabs,
            active: 0,
            focus,
            zoomed: false,
            range: options.range,
            look,
            theme,
            options,
            dialog: None,
            message: None,
            hits: Hits::default(),
            drawn: Buffer::empty(Rect::ZERO),
            outcomes: FuturesUnordered::new(),
            recent: Vec::new(),
            wish: None,
            age: None,
            ordered_tick: None,
            bar: Seen::default(),
            has_moved: false,
            focused: Focus::None,
        };
        app.refresh();
        app
    }

    /// Takes the frame that belongs to the position in time, and brings the tab up to date with it.
    pub fn refresh(&mut self) {
        self.has_moved = false;
        let wanted = match self.position {
            Position::Live => Some(self.feed.newest()),
            // What is held stays whole, however little of it is remembered later.
            Position::Paused(at) if self.frame.at == at => Some(self.frame.clone()),
            Position::Paused(at) | Position::Rewound(at) => self.feed.at(at),
        };
        if let Some(frame) = wanted {
            self.frame = frame;
        } else {
            self.position = Position::Live;
            self.frame = self.feed.newest();
            self.say("that moment is no longer remembered", Role::Warning);
        }
        if let Some(notice) = self.feed.take_notice() {
            self.say(notice, Role::Warning);
        }
        let newest = self.feed.newest();
        self.ordered_tick
            .take_if(|(tick, frame)| newest.number > *frame && newest.tick == *tick);
        self.with_tab(|tab, cx| tab.refresh(cx));
        if let Some(notice) = self.feed.take_notice() {
            self.say(notice, Role::Warning);
        }
        self.follow_focus();
    }

    /// Fetches the frame of the moment that was gone to last.
    pub(super) fn settle(&mut self) {
        if self.has_moved {
            self.refresh();
        }
    }

    /// Tells the collecting side what is open, so that its detail is read and nobody else's.
    fn follow_focus(&mut self) {
        let wanted = if self.position == Position::Live {
            self.tabs[self.active].focus()
        } else {
            Focus::None
        };
        if wanted != self.focused {
            self.focused = wanted.clone();
            // The answer says nothing that the next frame does not show.
            drop(self.feed.order(Command::Focus(wanted)));
        }
    }

    /// The tab that is shown with its context.
    pub(super) fn with_tab<T>(&mut self, work: impl FnOnce(&mut dyn Tab, &Context<'_>) -> T) -> T {
        let locked = self.locked();
        let cx = Context {
            frame: &self.frame,
            feed: &*self.feed,
            look: &self.look,
            range: self.range,
            focus: self.focus[self.active],
            zoomed: self.zoomed,
            is_past: self.position != Position::Live || self.feed.link().is_recording(),
            locked: locked.as_deref(),
        };
        work(&mut *self.tabs[self.active], &cx)
    }

    /// The list that has the keys, with the number of rows a page has.
    pub(crate) fn with_list(&mut self, work: impl FnOnce(&mut dyn List, isize)) {
        let page = isize::try_from(self.hits.page.max(2) - 1).unwrap_or(1);
        if let Some(list) = self.tabs[self.active].list() {
            work(list, page);
        }
    }

    /// Why nothing may be killed or changed now, if so.
    #[must_use]
    pub fn locked(&self) -> Option<String> {
        if self.frame.demo {
            return Some("demo: there is nothing to kill".to_owned());
        }
        if self.options.read_only {
            return Some("read-only: nothing can be killed or changed".to_owned());
        }
        let is_recording = self.feed.link().is_recording();
        let now = self.feed.newest().at;
        match self.position {
            _ if is_recording => Some("this is a recording: nothing can be done to it".to_owned()),
            Position::Live => None,
            Position::Paused(_) => Some("paused: the picture is old; End is live".to_owned()),
            Position::Rewound(at) => Some(format!("this is {}; End is live", at.dated_text(now))),
        }
    }

    /// The frame that is shown.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Where in time the screen stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The title of the tab that is shown.
    #[must_use]
    pub fn tab_title(&self) -> &'static str {
        self.tabs[self.active].title()
    }

    /// The breadcrumb: host, tab, and what is open there.
    #[must_use]
    pub fn crumbs(&self) -> Vec<String> {
        let host = if self.frame.host.name.is_empty() {
            "–".to_owned()
        } else {
            self.frame.host.name.clone()
        };
        let mut crumbs = vec![host, self.tab_title().to_owned()];
        crumbs.extend(self.tabs[self.active].crumbs());
        crumbs
    }

    /// Whether an action works on what is shown.
    #[must_use]
    pub fn can(&mut self, action: &Action) -> bool {
        match action.scope {
            Scope::Everywhere => true,
            // Where no list is on the screen, it still leads out of a zoom.
            Scope::List if action.name == "open" && self.zoomed => true,
            // Words that are only scrolled have no columns.
            Scope::List if matches!(action.name, "sort" | "reverse" | "filter" | "mark") => {
                let list = self.tabs[self.active].list();
                list.is_some_and(|list| !list.columns().is_empty())
            }
            Scope::List => self.tabs[self.active].list().is_some(),
            Scope::Tab => self.tabs[self.active].actions().contains(&action.name),
        }
    }

    /// Which keys mean which actions.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.options.keymap
    }

    /// Whether the program is to end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.wish == Some(Wish::Quit)
    }

    /// After how long without a frame the picture is told as stale; never that of a recording.
    pub(super) fn silence(&self) -> Option<Duration> {
        let silence = (self.feed.newest().tick * 3).max(Duration::from_secs(3));
        (!self.feed.link().is_recording()).then_some(silence)
    }

    /// Puts a line into the footer for a while.
    pub(super) fn say(&mut self, text: impl Into<String>, role: Role) {
        self.message = Some(Message {
            text: text.into(),
            role,
            said: Instant::now(),
        });
    }

    /// Orders something; what became of it comes to the footer.
    pub(super) fn order(&mut self, command: Command) {
        let outcome = self.feed.order(command);
        self.outcomes.push(outcome);
    }

    /// What became of an order.
    pub(super) fn told(&mut self, outcome: Option<CommandOutcome>) {
        let outcome = outcome.unwrap_or_else(|| {
            CommandOutcome::refused("no answer: it is not known whether this was done")
        });
        if !outcome.done {
            self.ordered_tick = None;
        }
        // What has nothing to say (a focus that moved) leaves the footer as it is.
        if !outcome.message.is_empty() {
            self.say(
                outcome.message,
                if outcome.done {
                    Role::Ok
                } else {
                    Role::of(Severity::Warning)
                },
            );
        }
    }

    /// Shows a theme from now on.
    pub(super) fn wear(&mut self, theme: &str) {
        self.look = look_of(&self.options, theme);
        theme.clone_into(&mut self.theme);
    }
}

fn look_of(options: &Options, theme: &str) -> Look {
    Look::new(
        &options.themes.get_or_default(theme),
        options.depth,
        options.symbols,
        options.format,
    )
}
