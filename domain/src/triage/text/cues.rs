//! Words that change what other words mean.

/// Number of a language within the rules.
pub(in crate::triage) type Language = u8;

/// What a phrase means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::triage) enum Meaning {
    /// A finding, as said in a language.
    Term(Term, Language),
    /// A word that changes what others mean, in a language.
    Cue(Cue, Language),
}

/// A finding that rules ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::triage) struct Term {
    /// Its number.
    pub(in crate::triage) id: usize,
    /// Whether it is a disease of the past behind `s/p`; accidents and operations are recent.
    pub(in crate::triage) event: bool,
    /// Whether the words are also words of another language, such as `mi`.
    pub(in crate::triage) ambiguous: bool,
}

/// What a cue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::triage) enum Cue {
    /// Denies what follows: `no`, `without`.
    No,
    /// Denies what follows, all that `and` joins: `denies`.
    Denies,
    /// Denies what comes before: `absent`.
    NoAfter,
    /// Looks like a denial and is none: `no relief`.
    NotNo,
    /// What follows is long ago: `history of`.
    Past,
    /// Heads a list of things long ago: `PMH:`.
    PastList,
    /// What stands beside it is long ago: `last year`.
    PastTime,
    /// What follows came before, and is past if it is a disease: `s/p`.
    After,
    /// Looks like the past and is not: `previously healthy`.
    NotPast,
    /// It is happening: `today`, `since`.
    Recent,
    /// It has come back or goes on: `again`.
    Again,
    /// Somebody else's: `family history of`, `my uncle had`.
    Family,
    /// A parent's: `my father had`; or the words of a grown child about an old patient.
    Parent,
    /// Ends what a cue reaches: `but`.
    But,
    /// Carries what a cue reaches on: `or`.
    Or,
    /// Carries a list on, or begins something new: `and`.
    And,
    /// Says nothing by itself: `the`, `acute`, `left`.
    Filler,
}
