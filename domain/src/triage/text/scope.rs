//! Which findings of a text are the patient's own and present: not denied, not long past, and not
//! somebody else's. On doubt a finding stands.
//!
//! A cue reaches only what follows in the same part of a sentence and stands at the head of what it
//! says no to: `no chest pain or fever` denies both, `no idea why, chest pain` and `no rash chest
//! pain` deny no chest pain. So words that are put in front of a complaint cannot take it back.

use super::About;
use super::cues::{Cue, Language, Meaning, Term};
use super::phrases::Match;
use super::tokens::{Break, Token};

/// Most words between a cue and what it reaches.
const REACH: usize = 12;
/// Most words between a finding and a time behind it, as in `about three years ago`.
const TIME_REACH: usize = 4;
/// Languages that are told apart.
pub(in crate::triage) const LANGUAGES_MAX: usize = 16;
/// Age from which a patient may well be brought by a child who says "my father had", years.
const OLD_PARENT: u16 = 70;

/// The cues and findings of one field.
pub(super) struct Scope<'a> {
    text: &'a str,
    tokens: &'a [Token],
    terms: Vec<(Term, Language, Match)>,
    cues: Vec<(Cue, Language, Match)>,
    /// What single words do to the reach of cues.
    classes: Vec<Option<Cue>>,
    /// How many words say which language this is.
    languages: [usize; LANGUAGES_MAX],
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        text: &'a str,
        tokens: &'a [Token],
        matches: &[Match],
        meanings: &[Meaning],
    ) -> Self {
        let mut scope = Self {
            text,
            tokens,
            languages: [0; LANGUAGES_MAX],
            terms: Vec::new(),
            cues: Vec::new(),
            classes: tokens
                .iter()
                .map(|token| match &text[token.at.clone()] {
                    "/" => Some(Cue::Or),
                    "&" | "+" => Some(Cue::And),
                    _ => None,
                })
                .collect(),
        };
        for hit in matches {
            match meanings.get(hit.phrase) {
                Some(Meaning::Term(term, language)) => scope.terms.push((*term, *language, *hit)),
                Some(Meaning::Cue(
                    cue @ (Cue::But | Cue::Or | Cue::And | Cue::Filler),
                    language,
                )) => {
                    if let Some(words) = scope.languages.get_mut(usize::from(*language)) {
                        *words += 1;
                    }
                    for class in &mut scope.classes[hit.first..=hit.last] {
                        *class = Some(*cue);
                    }
                }
                Some(Meaning::Cue(cue, language)) => scope.cues.push((*cue, *language, *hit)),
                None => {}
            }
        }
        scope.drop_false_cues();
        scope.drop_torn_terms();
        scope
    }

    /// The findings that are spoken of.
    pub(super) fn terms(&self) -> impl Iterator<Item = (Term, Language, Match)> {
        self.terms.iter().copied()
    }

    /// Cues that belong to a phrase which means something else are none: `cannot breathe`, `no
    /// relief`, `previously healthy`.
    fn drop_false_cues(&mut self) {
        let phrases: Vec<(Option<Cue>, Match)> = (self.cues.iter())
            .filter(|(cue, ..)| matches!(cue, Cue::NotNo | Cue::NotPast))
            .map(|(cue, _, hit)| (Some(*cue), *hit))
            .chain(self.terms.iter().map(|(.., hit)| (None, *hit)))
            .collect();
        let covers = |whole: &Match, part: &Match| {
            whole.first <= part.first && part.last <= whole.last && whole.phrase != part.phrase
        };
        self.cues.retain(|(cue, _, hit)| {
            !phrases.iter().any(|(pseudo, whole)| {
                let speaks_of_it = match cue {
                    Cue::No | Cue::Denies | Cue::NoAfter => {
                        *pseudo == Some(Cue::NotNo)
                            || (pseudo.is_none() && hit.first == whole.first)
                    }
                    Cue::Past | Cue::PastList | Cue::PastTime => *pseudo == Some(Cue::NotPast),
                    _ => false,
                };
                speaks_of_it && covers(whole, hit)
            })
        });
    }

    /// A finding is not put together from words on both sides of a denial.
    fn drop_torn_terms(&mut self) {
        let denials: Vec<Match> = (self.cues.iter())
            .filter(|(cue, ..)| matches!(cue, Cue::No | Cue::Denies))
            .map(|(.., hit)| *hit)
            .collect();
        self.terms.retain(|(.., hit)| {
            !denials
                .iter()
                .any(|denial| hit.first < denial.first && denial.last < hit.last)
        });
    }

    /// Whether the finding is the patient's own and present.
    pub(super) fn asserts(&self, term: Term, language: Language, hit: Match, about: About) -> bool {
        if self.tokens[hit.first].minus || term.ambiguous && self.is_foreign(language) {
            return false;
        }
        let languages = self.languages_of(term, hit);
        !self.is_denied(languages, hit)
            && (self.is_present(hit)
                || !(self.is_past(term, languages, hit)
                    || self.is_of_others(languages, hit, about)))
    }

    /// The languages in which the same words say the same: `syncope` is English and French.
    fn languages_of(&self, term: Term, hit: Match) -> u32 {
        let same = self.terms.iter().filter(|(other, _, at)| {
            other.id == term.id && (at.first, at.last) == (hit.first, hit.last)
        });
        same.fold(0, |all, (_, language, _)| all | 1 << language)
    }

    /// Whether more words around are of another language.
    fn is_foreign(&self, language: Language) -> bool {
        let own = self.languages.get(usize::from(language));
        self.languages.iter().max() > own
    }

    fn is_denied(&self, languages: u32, hit: Match) -> bool {
        self.cues(languages).any(|(cue, at)| match cue {
            Cue::No => self.reaches(at, hit, cue),
            Cue::Denies => self.reaches(at, hit, cue),
            Cue::NoAfter => self.answers(at, hit),
            _ => false,
        }) || self.is_signed_off(hit)
    }

    /// `fever (-)`.
    fn is_signed_off(&self, hit: Match) -> bool {
        let next = self.tokens.get(hit.last + 1);
        next.is_some_and(|token| &self.text[token.at.clone()] == "-")
    }

    fn is_past(&self, term: Term, languages: u32, hit: Match) -> bool {
        self.cues(languages).any(|(cue, at)| match cue {
            Cue::Past | Cue::PastList => self.reaches(at, hit, cue),
            Cue::After => term.event && self.reaches(at, hit, cue),
            Cue::PastTime => self.reaches(at, hit, cue) || self.follows(at, hit),
            _ => false,
        })
    }

    fn is_of_others(&self, languages: u32, hit: Match, about: About) -> bool {
        let may_be_the_parent = about.age_years.is_none_or(|age| age >= OLD_PARENT);
        self.cues(languages).any(|(cue, at)| match cue {
            Cue::Family => self.reaches(at, hit, cue),
            Cue::Parent => !may_be_the_parent && self.reaches(at, hit, cue),
            _ => false,
        })
    }

    /// Whether the text says that it is happening now, or has come back.
    fn is_present(&self, hit: Match) -> bool {
        self.cues.iter().any(|(cue, _, at)| match cue {
            Cue::Recent => self.are_together(*at, hit, Break::Soft),
            Cue::Again => self.are_together(*at, hit, Break::Hard),
            _ => false,
        })
    }

    fn cues(&self, languages: u32) -> impl Iterator<Item = (Cue, Match)> {
        self.cues
            .iter()
            .filter(move |(_, own, _)| languages & 1 << own != 0)
            .map(|(cue, _, hit)| (*cue, *hit))
    }

    /// No break of that strength lies between the two.
    fn are_together(&self, one: Match, other: Match, end: Break) -> bool {
        let (left, right) = if one.first < other.first {
            (one.last, other.first)
        } else {
            (other.last, one.first)
        };
        (left + 1..=right).all(|index| self.tokens[index].parted < end)
    }

    /// Whether a cue at `from` reaches the finding at `hit`: the finding stands at the head of what
    /// follows the cue, or of what `or` adds to it.
    fn reaches(&self, from: Match, hit: Match, cue: Cue) -> bool {
        if from.last >= hit.first || hit.first - from.last > REACH {
            return false;
        }
        let mut at_head = true;
        for index in from.last + 1..=hit.first {
            let token = &self.tokens[index];
            let heads_list = index == from.last + 1 && token.asked && token.parted == Break::Soft;
            if token.parted != Break::None && !heads_list {
                if cue != Cue::PastList || token.parted == Break::Hard {
                    return false;
                }
                at_head = true;
            }
            if index == hit.first {
                break;
            }
            match self.classes[index] {
                Some(Cue::But) => return false,
                Some(Cue::Or) => at_head = true,
                Some(Cue::And) if cue == Cue::No => return false,
                Some(Cue::And) => at_head = true,
                Some(_) => {}
                None => at_head = false,
            }
        }
        at_head
    }

    /// Whether the denial at `cue` is the answer to the finding before it: `chest pain: no`.
    fn answers(&self, cue: Match, hit: Match) -> bool {
        if cue.first <= hit.last {
            return false;
        }
        let between = hit.last + 1..cue.first;
        let linked = between.len() <= 2
            && between
                .into_iter()
                .all(|index| self.classes[index] == Some(Cue::Filler));
        let parted = (hit.last + 1..=cue.first)
            .all(|index| self.tokens[index].parted == Break::None || self.tokens[index].asked);
        let ends = (self.tokens.get(cue.last + 1)).is_none_or(|next| next.parted != Break::None);
        linked && parted && ends
    }

    /// Whether the time at `cue` stands right behind the finding: `chest pain about 3 years ago`.
    fn follows(&self, cue: Match, hit: Match) -> bool {
        if cue.first <= hit.last || cue.first - hit.last > TIME_REACH + 1 {
            return false;
        }
        let says_nothing = |index: usize| {
            let word = &self.text[self.tokens[index].at.clone()];
            self.classes[index] == Some(Cue::Filler)
                || word.bytes().all(|byte| byte.is_ascii_digit())
        };
        // A time that opens what follows may be about that: "chest pain last year I had a cold".
        let closes = self.tokens.get(cue.last + 1).is_none_or(|next| {
            let class = self.classes[cue.last + 1];
            next.parted != Break::None || matches!(class, Some(Cue::And | Cue::But | Cue::Or))
        });
        closes
            && (hit.last + 1..cue.first).all(says_nothing)
            && (hit.last + 1..=cue.first).all(|index| self.tokens[index].parted == Break::None)
    }
}
