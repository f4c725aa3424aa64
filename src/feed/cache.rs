//! Answers of the past, kept because the same moment is asked for at every drawing.

use std::collections::HashMap;
use std::hash::Hash;

/// Answers by what was asked, within a number of bytes; those that were asked for longest ago go first.
#[derive(Debug)]
pub(super) struct Cache<Q, A> {
    most: usize,
    held: usize,
    turn: u64,
    answers: HashMap<Q, Known<A>>,
}

#[derive(Debug)]
struct Known<A> {
    answer: A,
    bytes: usize,
    asked: u64,
}

impl<Q: Clone + Eq + Hash, A: Clone> Cache<Q, A> {
    /// Room for answers of so many bytes in all.
    pub fn of(most: usize) -> Self {
        Self {
            most,
            held: 0,
            turn: 0,
            answers: HashMap::new(),
        }
    }

    /// The answer to a question that was asked before.
    pub fn get(&mut self, question: &Q) -> Option<A> {
        self.turn += 1;
        let known = self.answers.get_mut(question)?;
        known.asked = self.turn;
        Some(known.answer.clone())
    }

    /// Keeps an answer that takes so many bytes.
    pub fn put(&mut self, question: Q, answer: A, bytes: usize) {
        let bytes = bytes + size_of::<(Q, Known<A>)>();
        self.turn += 1;
        let asked = self.turn;
        let known = Known {
            answer,
            bytes,
            asked,
        };
        self.held += bytes;
        if let Some(before) = self.answers.insert(question, known) {
            self.held -= before.bytes;
        }
        while self.held > self.most && self.answers.len() > 1 {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.answers.iter().min_by_key(|(_, known)| known.asked);
        let Some(oldest) = oldest.map(|(question, _)| question.clone()) else {
            return;
        };
        if let Some(gone) = self.answers.remove(&oldest) {
            self.held -= gone.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_longest_ago_goes_first() {
        let one = size_of::<(u32, Known<u32>)>() + 100;
        let mut cache = Cache::of(3 * one);
        for question in 0..3u32 {
            cache.put(question, question * 10, 100);
        }
        assert_eq!(cache.get(&0), Some(0));
        cache.put(3, 30, 100);
        assert_eq!(cache.get(&1), None);
        assert_eq!((cache.get(&0), cache.get(&2)), (Some(0), Some(20)));
        assert_eq!(cache.held, 3 * one);
        cache.put(3, 31, 50);
        assert_eq!((cache.get(&3), cache.held), (Some(31), 3 * one - 50));
    }

    #[test]
    fn the_newest_answer_stays_however_large_it_is() {
        let mut cache = Cache::of(100);
        cache.put(1, "small", 10);
        cache.put(2, "large", 1000);
        assert_eq!((cache.get(&1), cache.get(&2)), (None, Some("large")));
    }
}
