//! The last events of the stream, in memory, for clients that were away for a moment.

use crate::live::entry::Entry;
use std::collections::VecDeque;
use std::sync::Arc;

/// A bounded run of events without gaps: everything after `floor` up to `head`.
#[derive(Debug)]
pub struct Ring {
    entries: VecDeque<Arc<Entry>>,
    capacity: usize,
    floor: u64,
    head: u64,
}

impl Ring {
    /// An empty ring that stands at `head`: what comes after it will be kept.
    pub fn new(capacity: usize, head: u64) -> Self {
        Self {
            entries: VecDeque::with_capacity(capacity.min(1024)),
            capacity: capacity.max(1),
            floor: head,
            head,
        }
    }

    /// Takes the next event; the oldest one makes room.
    pub fn push(&mut self, entry: Arc<Entry>) {
        if self.entries.len() == self.capacity
            && let Some(oldest) = self.entries.pop_front()
        {
            self.floor = oldest.id.seq;
        }
        self.head = entry.id.seq;
        self.entries.push_back(entry);
    }

    /// Sequence up to which events were forgotten.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// Sequence of the newest event.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Everything after `seq`; none when some of it was forgotten.
    pub fn after(&self, seq: u64) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        if seq < self.floor {
            return None;
        }
        let start = self.entries.partition_point(|entry| entry.id.seq <= seq);
        Some(self.entries.range(start..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::id::LiveId;

    fn filled(capacity: usize, from: u64, to: u64) -> Ring {
        let mut ring = Ring::new(capacity, from - 1);
        for seq in from..=to {
            ring.push(Arc::new(Entry::unreadable(LiveId { epoch: 1, seq })));
        }
        ring
    }

    fn seqs(ring: &Ring, after: u64) -> Option<Vec<u64>> {
        ring.after(after)
            .map(|entries| entries.map(|entry| entry.id.seq).collect())
    }

    #[test]
    fn an_empty_ring_covers_only_what_comes_after_its_start() {
        let ring = Ring::new(4, 10);
        assert_eq!(seqs(&ring, 10), Some(vec![]));
        assert_eq!(seqs(&ring, 11), Some(vec![]));
        assert_eq!(seqs(&ring, 9), None);
    }

    #[test]
    fn a_full_ring_forgets_the_oldest_and_says_so() {
        let ring = filled(3, 1, 5);
        assert_eq!((ring.floor(), ring.head()), (2, 5));
        assert_eq!(seqs(&ring, 2), Some(vec![3, 4, 5]));
        assert_eq!(seqs(&ring, 1), None);
    }

    #[test]
    fn a_client_at_the_head_misses_nothing() {
        let ring = filled(3, 1, 5);
        assert_eq!(seqs(&ring, 5), Some(vec![]));
        assert_eq!(seqs(&ring, 4), Some(vec![5]));
    }

    #[test]
    fn a_client_ahead_of_this_replica_gets_nothing_from_memory() {
        assert_eq!(seqs(&filled(3, 1, 5), 9), Some(vec![]));
    }

    #[test]
    fn holes_in_the_stream_do_not_matter() {
        let mut ring = Ring::new(10, 0);
        for seq in [2, 5, 9] {
            ring.push(Arc::new(Entry::unreadable(LiveId { epoch: 1, seq })));
        }
        assert_eq!(seqs(&ring, 3), Some(vec![5, 9]));
        assert_eq!(seqs(&ring, 0), Some(vec![2, 5, 9]));
    }
}
