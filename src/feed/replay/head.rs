//! The play head: when which tick of a recording is shown next.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Timestamp;

/// How slow and how fast a recording can be played, seconds a second.
pub const SLOWEST: f64 = 0.1;
/// See [`SLOWEST`].
pub const FASTEST: f64 = 3600.0;
/// More frames a second than these are not told apart.
const LEAST_WAIT: Duration = Duration::from_millis(50);
/// Less than this between two ticks is waited for; more is skipped.
const LEAST_GAP: Duration = Duration::from_secs(15);
/// A head that is so late (the program was stopped) does not catch up.
const LATE: Duration = Duration::from_secs(1);

/// Where the head stands or moves to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// It stands.
    Stay,
    /// It has played all, and stands from now on.
    End,
    /// It will be at a tick.
    To {
        /// The tick.
        moment: Timestamp,
        /// When.
        due: Instant,
    },
}

/// The play head.
#[derive(Debug)]
pub(super) struct Head {
    speed: f64,
    /// Where it was told to end.
    stop: Option<Timestamp>,
    playing: Option<Playing>,
    notice: RefCell<Option<String>>,
}

#[derive(Debug)]
struct Playing {
    to: Timestamp,
    /// When the frame came that is shown.
    since: Option<Instant>,
    /// The next move; it stays the same however often it is asked for.
    next: Option<Move>,
}

impl Playing {
    fn until(to: Timestamp) -> Self {
        Self {
            to,
            since: None,
            next: None,
        }
    }
}

impl Head {
    /// A head that stands.
    pub fn standing() -> Self {
        Self {
            speed: 1.0,
            stop: None,
            playing: None,
            notice: RefCell::default(),
        }
    }

    /// A head that moves until a moment, `speed` seconds a second.
    pub fn playing(to: Timestamp, speed: f64) -> Self {
        Self {
            speed: speed.clamp(SLOWEST, FASTEST),
            stop: Some(to),
            playing: Some(Playing::until(to)),
            notice: RefCell::default(),
        }
    }

    /// It stands from now on.
    pub fn hold(&mut self) {
        self.playing = None;
    }

    /// It moves on from a moment to where it was told to end, from there on to the `last` one, as fast as before.
    pub fn play_on(&mut self, from: Timestamp, last: Timestamp) {
        let to = self.stop.filter(|stop| from < *stop).unwrap_or(last);
        self.playing = (from < to).then(|| Playing::until(to));
    }

    /// How many seconds of the recording it moves in one, while it moves.
    pub fn speed(&self) -> Option<f64> {
        self.playing.as_ref().map(|_| self.speed)
    }

    /// What there is to say, once.
    pub fn take_notice(&self) -> Option<String> {
        self.notice.borrow_mut().take()
    }

    /// The next move from the tick at `at`, where there is a tick every `tick`; `around` tells the ticks around a moment.
    pub fn next(
        &mut self,
        at: Timestamp,
        tick: Duration,
        around: impl Fn(Timestamp) -> (Option<Timestamp>, Option<Timestamp>),
    ) -> Move {
        let speed = self.speed;
        let Some(playing) = &mut self.playing else {
            return Move::Stay;
        };
        if let Some(next) = playing.next {
            return next;
        }
        let to = playing.to;
        let Some(following) = around(at).1.filter(|next| *next <= to) else {
            *self.notice.get_mut() = Some(format!("played up to {}", at.clock_text()));
            self.playing = None;
            return Move::End;
        };
        let gap = following.since(at);
        let mut wait = if gap > LEAST_GAP.max(tick.saturating_mul(3)) {
            *self.notice.get_mut() = Some(format!(
                "nothing was recorded from {} to {}: skipped",
                at.clock_text(),
                following.clock_text()
            ));
            tick.min(gap).div_f64(speed)
        } else {
            gap.div_f64(speed)
        };
        let mut moment = following;
        if wait < LEAST_WAIT {
            // Several ticks at once: the last one that is due by then.
            let due = at.plus(LEAST_WAIT.mul_f64(speed)).min(to);
            moment = around(due).0.map_or(following, |last| last.max(following));
            wait = LEAST_WAIT;
        }
        let now = Instant::now();
        let since = playing.since.filter(|since| now - *since < wait + LATE);
        let due = since.unwrap_or(now) + wait;
        let next = Move::To { moment, due };
        playing.next = Some(next);
        next
    }

    /// The head is where it was to go.
    pub fn arrived(&mut self) {
        if let Some(playing) = &mut self.playing
            && let Some(Move::To { due, .. }) = playing.next.take()
        {
            playing.since = Some(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The moments, in seconds, and the waits, in milliseconds, from the beginning of a recording on.
    fn played(seconds: &[u64], to: u64, speed: f64) -> (Vec<(u64, u128)>, Vec<String>) {
        let begin = Timestamp(1_000_000);
        let at = |second: u64| begin.plus(Duration::from_secs(second));
        let ticks: Vec<Timestamp> = seconds.iter().map(|second| at(*second)).collect();
        let around = |at: Timestamp| {
            let after = ticks.partition_point(|tick| *tick <= at);
            let before = after.checked_sub(1).map(|last| ticks[last]);
            (before, ticks.get(after).copied())
        };
        let mut head = Head::playing(at(to), speed);
        let (mut shown, mut before): (_, Option<Instant>) = (at(seconds[0]), None);
        let (mut moves, mut notices) = (Vec::new(), Vec::new());
        loop {
            let next = head.next(shown, SECOND, around);
            notices.extend(head.take_notice());
            let Move::To { moment, due } = next else {
                return (moves, notices);
            };
            assert_eq!(head.next(shown, SECOND, around), next, "asked again");
            head.arrived();
            // The first wait is from now on, which nothing here measures.
            let waited = before.map_or(0, |before: Instant| (due - before).as_millis());
            moves.push((moment.since(begin).as_secs(), waited));
            (shown, before) = (moment, Some(due));
        }
    }

    #[test]
    fn ticks_come_as_they_came_only_faster() {
        let (moves, notices) = played(&[0, 1, 2, 4, 5], 60, 10.0);
        assert_eq!(moves, [(1, 0), (2, 100), (4, 200), (5, 100)]);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].starts_with("played up to"), "{notices:?}");
    }

    #[test]
    fn what_is_too_fast_to_be_seen_is_left_out() {
        let seconds: Vec<u64> = (0..=3600).collect();
        let (moves, _) = played(&seconds, 600, 3600.0);
        assert_eq!(moves, [(180, 0), (360, 50), (540, 50), (600, 50)]);
    }

    #[test]
    fn a_gap_is_skipped_with_a_word() {
        let (moves, notices) = played(&[0, 1, 5000, 5001], 5001, 2.0);
        assert_eq!(moves, [(1, 0), (5000, 500), (5001, 500)]);
        assert!(notices[0].ends_with(": skipped"), "{notices:?}");
    }

    #[test]
    fn held_it_stands_and_plays_on_to_where_it_was_told_to_end() {
        let at = |second: i64| Timestamp(1_000_000 + second * 1000);
        let around = |from: Timestamp| (Some(from), Some(from.plus(SECOND)));
        let mut head = Head::playing(at(60), 2.0);
        assert!(matches!(head.next(at(0), SECOND, around), Move::To { .. }));
        head.hold();
        assert_eq!(head.next(at(0), SECOND, around), Move::Stay);
        assert_eq!(head.speed(), None);
        let ends = |head: &Head| head.playing.as_ref().map(|playing| playing.to);
        head.play_on(at(30), at(100));
        assert_eq!((head.speed(), ends(&head)), (Some(2.0), Some(at(60))));
        head.play_on(at(60), at(100));
        assert_eq!(ends(&head), Some(at(100)), "it is beyond that already");
        head.play_on(at(100), at(100));
        assert_eq!(head.next(at(100), SECOND, around), Move::Stay);
    }

    #[test]
    fn it_ends_where_it_was_told_to() {
        let (moves, _) = played(&[0, 1, 2, 3], 2, 1.0);
        assert_eq!(moves, [(1, 0), (2, 1000)]);
    }
}
