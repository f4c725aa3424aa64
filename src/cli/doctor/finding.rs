//! One line of the doctor's report.

use crate::model::text::printable;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It works.
    Good,
    /// It works, but could be better.
    Doubt,
    /// It does not work.
    Bad,
    /// It is not there, and that is no fault.
    Absent,
}

impl Mark {
    fn sign(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Doubt => '!',
            Self::Bad => '✗',
            Self::Absent => '–',
        }
    }
}

/// What was found, and the mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    mark: Mark,
    what: String,
    mend: Option<String>,
    below: Vec<String>,
}

impl Finding {
    /// Something that stands so.
    pub fn new(mark: Mark, what: impl Into<String>) -> Self {
        Self {
            mark,
            what: what.into(),
            mend: None,
            below: Vec::new(),
        }
    }

    /// It works.
    pub fn good(what: impl Into<String>) -> Self {
        Self::new(Mark::Good, what)
    }

    /// It could be better.
    pub fn doubt(what: impl Into<String>) -> Self {
        Self::new(Mark::Doubt, what)
    }

    /// It is not there.
    pub fn absent(what: impl Into<String>) -> Self {
        Self::new(Mark::Absent, what)
    }

    /// The same, with what to do.
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// The same, with lines below it that a person may copy.
    pub fn below(mut self, lines: &str) -> Self {
        self.below = lines.lines().map(str::to_owned).collect();
        self
    }

    /// It in a line, and what stands below.
    fn text(&self) -> String {
        let below = self.below.iter();
        let below: String = below
            .map(|line| format!("      {}\n", printable(line)))
            .collect();
        self.line() + &below
    }

    fn line(&self) -> String {
        let mend = self
            .mend
            .as_ref()
            .map_or(String::new(), |mend| format!("; {mend}"));
        let text = format!("{}{mend}", self.what);
        format!("  {} {}\n", self.mark.sign(), printable(&text))
    }
}

/// Findings about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    title: &'static str,
    findings: Vec<Finding>,
}

impl Section {
    /// Findings under a title.
    pub fn new(title: &'static str, findings: Vec<Finding>) -> Self {
        Self { title, findings }
    }

    /// The title and a line for each finding.
    pub fn text(&self) -> String {
        let lines: String = self.findings.iter().map(Finding::text).collect();
        format!("{}\n{lines}", self.title)
    }
}
