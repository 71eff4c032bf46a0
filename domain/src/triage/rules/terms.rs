//! A set of terms.

/// A set of terms by number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::triage) struct TermSet(Vec<u64>);

impl TermSet {
    /// An empty set for terms below `count`.
    pub(in crate::triage) fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(in crate::triage) fn add(&mut self, term: usize) {
        if let Some(word) = self.0.get_mut(term / 64) {
            *word |= 1 << (term % 64);
        }
    }

    pub(in crate::triage) fn remove(&mut self, term: usize) {
        if let Some(word) = self.0.get_mut(term / 64) {
            *word &= !(1 << (term % 64));
        }
    }

    pub(in crate::triage) fn has(&self, term: usize) -> bool {
        (self.0.get(term / 64)).is_some_and(|word| word & (1 << (term % 64)) != 0)
    }

    pub(in crate::triage) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether the two have a term in common.
    pub(in crate::triage) fn meets(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(one, other)| one & other != 0)
    }
}
