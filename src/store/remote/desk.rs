//! Where moments become batches and wait: between what comes each interval and what the engine takes.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::engine::{Encode, Encoded, Occasion};
use super::pace::Due;
use super::queue::{Batch, BatchId, Dropped, Queue};
use super::status::{Status, Trouble};
use crate::model::{Frame, Timestamp};
use crate::store::StoreError;

/// So many batches are held in memory while the disk takes none.
const MOST_IN_MEMORY: usize = 20;

/// Where batches wait and for whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The state folder.
    pub folder: PathBuf,
    /// The export's name.
    pub name: String,
    /// Bytes that may wait.
    pub most_bytes: u64,
}

/// Makes batches of moments, and keeps them until they are sent.
pub(super) struct Desk<C> {
    target: Target,
    encoder: C,
    queue: Option<Queue>,
    in_memory: VecDeque<(Encoded, Timestamp)>,
    status: Status,
    now: Timestamp,
    is_first: bool,
    /// What went unsent from memory, and from queues that were open before this one.
    dropped: Dropped,
}

impl<C: Encode> Desk<C> {
    pub fn new(target: Target, encoder: C, status: Status, now: Timestamp) -> Self {
        let mut desk = Self {
            target,
            encoder,
            queue: None,
            in_memory: VecDeque::new(),
            status,
            now,
            is_first: true,
            dropped: Dropped::default(),
        };
        // What waits from before is sent before anything new has come.
        desk.open();
        desk.tell_what_waits();
        desk
    }

    /// Takes a moment.
    pub fn take(&mut self, frame: &Frame, due: Due) {
        self.now = frame.at;
        if self.queue.is_none() && !self.open() {
            return;
        }
        let occasion = Occasion {
            frame,
            is_whole: due == Due::Figures,
            is_first: self.is_first,
        };
        if let Some(encoded) = self.encoder.encode(&occasion) {
            self.is_first = false;
            self.in_memory.push_back((encoded, frame.at));
            self.bound_memory();
        }
        self.write();
        self.tell_what_waits();
    }

    /// The batch that is to be sent next.
    pub fn oldest(&mut self) -> Option<Batch> {
        match self.queue.as_mut()?.peek() {
            Ok(batch) => batch,
            Err(error) => {
                self.lose_queue(&error);
                None
            }
        }
    }

    /// The engine has it.
    pub fn sent(&mut self, id: &BatchId) {
        self.finish(|queue| queue.acknowledge(id));
        if self.queue.is_some() {
            self.status.sent(self.now);
        }
    }

    /// The engine will never take it.
    pub fn refused(&mut self, id: &BatchId, line: String) {
        self.encoder.forget();
        self.finish(|queue| queue.drop_refused(id).map(drop));
        if self.queue.is_some() {
            self.status.refused(line, self.now);
        }
    }

    /// The engine does not take it now.
    pub fn away(&self, line: String) {
        self.status.trouble(Trouble::Engine(line), self.now);
    }

    fn finish(&mut self, finish: impl FnOnce(&mut Queue) -> Result<(), StoreError>) {
        if let Some(queue) = &mut self.queue
            && let Err(error) = finish(queue)
        {
            // It comes again from the queue, and the engine knows it.
            self.lose_queue(&error);
        }
        self.tell_what_waits();
    }

    /// Opens the queue. Whether what comes is to be kept: not while another hubtop does that.
    fn open(&mut self) -> bool {
        let Target {
            folder,
            name,
            most_bytes,
        } = &self.target;
        match Queue::open(folder, name, *most_bytes, self.now) {
            Ok(queue) => {
                self.queue = Some(queue);
                true
            }
            Err(StoreError::Held { .. }) => {
                self.status.trouble(Trouble::Elsewhere, self.now);
                false
            }
            Err(error) => {
                self.lose_queue(&error);
                true
            }
        }
    }

    fn write(&mut self) {
        while let (Some(queue), Some((encoded, at))) = (&mut self.queue, self.in_memory.front()) {
            match queue.push(&encoded.bytes, encoded.count, *at) {
                Ok(gone) => {
                    if gone.batches > 0 {
                        self.encoder.forget();
                    }
                    self.in_memory.pop_front();
                }
                Err(error) => self.lose_queue(&error),
            }
        }
    }

    fn bound_memory(&mut self) {
        while self.in_memory.len() > MOST_IN_MEMORY {
            if let Some((encoded, _)) = self.in_memory.pop_front() {
                self.dropped.batches += 1;
                self.dropped.count += encoded.count;
                self.encoder.forget();
            }
        }
    }

    /// The file is of no use now; it is opened anew when the next moment comes.
    fn lose_queue(&mut self, error: &StoreError) {
        if let Some(queue) = self.queue.take() {
            let dropped = queue.dropped();
            self.dropped.batches += dropped.batches;
            self.dropped.count += dropped.count;
        }
        self.status
            .trouble(Trouble::Disk(error.to_string()), self.now);
    }

    fn tell_what_waits(&self) {
        let queue = self.queue.as_ref();
        if queue.is_some() {
            self.status.queue_works(self.now);
        }
        let own = queue.map(Queue::dropped).unwrap_or_default();
        let dropped = Dropped {
            batches: self.dropped.batches + own.batches,
            count: self.dropped.count + own.count,
        };
        let in_memory = self.in_memory.len() as u64;
        let batches = queue.map_or(0, Queue::batches) + in_memory;
        let bytes = queue.map_or(0, Queue::bytes);
        self.status.waits(batches, bytes, dropped);
    }
}
