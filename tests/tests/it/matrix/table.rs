//! The matrix as Markdown.

use super::cells::{Place, Verdict};
use medique_contracts::vocabulary::Role;
use medique_tests::catalogue::{Access, Operation, Scope};
use std::collections::BTreeMap;

/// The columns.
pub const ROLES: [Role; 6] = [
    Role::Admin,
    Role::Reception,
    Role::Nurse,
    Role::Doctor,
    Role::Display,
    Role::Patient,
];

const HEAD: &str = "\
# Authorisation matrix

Generated from the served API description by `tests/tests/it/matrix.rs`, which asks a running \
hospital about every cell and fails when an answer, the rules in `tests/src/catalogue.rs` and this \
page disagree. Write it anew with `MEDIQUE_TEST_UPDATE=1 cargo dev test every_cell_is_as_documented`.

Each person has the role in one department. A cell has the answers about **the own department (or \
the own thing) / another department of the facility / another facility**; one answer where a \
request can be about nothing else (lists show what was granted only: \
`lists_show_only_what_was_granted`).

- `yes`: authorised; what the rules say then is another matter. `403`: not this role. `404`: not \
known to this person.
- *token*: without a credential, with garbage, with an expired token and with the token of a session \
that was ended, the answer is 401; each is asked. *all departments*: for administrators of the \
whole facility, who are let in; those of one department are not.
- *session*: the same 401, and a refresh token or the cookie will do as well.
- *link*: takes a check-in link in its body instead; one that is none is 401. *open*: for anybody; \
signing in takes its proof in the body. Of both, a bad token in the header changes nothing.

| operation | needs |";

/// What an operation answers to everybody.
pub struct Row {
    name: String,
    needs: &'static str,
    cells: BTreeMap<Role, Vec<Verdict>>,
}

impl Row {
    /// Without cells.
    pub fn new(operation: &Operation) -> Self {
        let needs = match operation.access {
            Access::Public => "open",
            Access::Link => "link",
            Access::Session => "session",
            Access::Roles(_, Scope::WholeFacility) => "token, all departments",
            Access::Roles(..) => "token",
        };
        debug_assert_eq!(needs.starts_with("token"), !Place::of(operation).is_empty());
        Self {
            name: operation.name(),
            needs,
            cells: BTreeMap::new(),
        }
    }

    /// The answer about the next place.
    pub fn put(&mut self, role: Role, seen: Verdict) {
        self.cells.entry(role).or_default().push(seen);
    }

    fn cell(&self, role: Role) -> String {
        let seen = self.cells.get(&role).into_iter().flatten();
        let words: Vec<_> = seen
            .map(|verdict| match verdict {
                Verdict::Allowed => "yes",
                Verdict::Unauthenticated => "401",
                Verdict::Forbidden => "403",
                Verdict::Hidden => "404",
            })
            .collect();
        words.join(" / ")
    }
}

/// The whole page.
pub fn document(rows: &[Row]) -> String {
    let titles: String = ROLES.map(|role| format!(" {role} |")).concat();
    let rule = "|---".repeat(ROLES.len() + 2);
    let mut page = format!("{HEAD}{titles}\n{rule}|\n");
    for row in rows {
        let cells = ROLES.map(|role| format!(" {} |", row.cell(role))).concat();
        page += &format!("| `{}` | {} |{cells}\n", row.name, row.needs);
    }
    page
}
