//! What an administrator says of an account.

use crate::auth::person::EMAIL_BYTES_MAX;
use crate::auth::staff::Wanted;
use crate::problem::Problem;
use crate::schema::Word;
use medique_contracts::RejectionCode;
use medique_contracts::actor::Grants;
use medique_contracts::ids::DepartmentId;
use medique_contracts::limits::NAME_CHARS_MAX;
use medique_contracts::vocabulary::Role;
use medique_domain::validate::normalise_text;
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Longest local part of an address, bytes (RFC 5321).
const LOCAL_BYTES_MAX: usize = 64;

/// Who is invited.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct InvitationBody {
    /// E-mail address: where the invitation goes, and the name at sign-in.
    #[oai(validator(max_length = 254))]
    email: String,
    /// Name for people.
    #[oai(validator(min_length = 1, max_length = 120))]
    name: String,
    /// The one role of the account.
    role: Word<Role>,
    /// Departments in which the role acts.
    #[serde(default)]
    #[oai(default)]
    departments: Vec<Uuid>,
    /// Whether the role acts in every department, also those created later; then `departments` is
    /// empty.
    #[serde(default)]
    #[oai(default)]
    all_departments: bool,
}

impl Example for InvitationBody {
    fn example() -> Self {
        Self {
            email: "nurse@example.org".to_owned(),
            name: "Florence Nightingale".to_owned(),
            role: Word(Role::Nurse),
            departments: vec![Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)],
            all_departments: false,
        }
    }
}

/// What an account is to be.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct StaffBody {
    /// Name for people.
    #[oai(validator(min_length = 1, max_length = 120))]
    name: String,
    /// The one role of the account.
    role: Word<Role>,
    /// Departments in which the role acts.
    #[serde(default)]
    #[oai(default)]
    departments: Vec<Uuid>,
    /// Whether the role acts in every department, also those created later; then `departments` is
    /// empty.
    #[serde(default)]
    #[oai(default)]
    all_departments: bool,
}

impl InvitationBody {
    /// The address and the account, in order.
    ///
    /// # Errors
    /// `invalid_field` with every field that is not.
    pub fn checked(self) -> Result<(String, Wanted), Problem> {
        let rest = StaffBody {
            name: self.name,
            role: self.role,
            departments: self.departments,
            all_departments: self.all_departments,
        };
        match (email(&self.email), rest.checked()) {
            (Some(email), wanted) => Ok((email, wanted?)),
            (None, wanted) => {
                let problem = wanted.err().unwrap_or_else(invalid);
                Err(problem.field("/email", "is not an e-mail address"))
            }
        }
    }
}

impl StaffBody {
    /// The account, in order.
    ///
    /// # Errors
    /// `invalid_field` with every field that is not.
    pub fn checked(self) -> Result<Wanted, Problem> {
        let mut wrong: Vec<(&str, &str)> = Vec::new();
        let name = normalise_text(&self.name, false).unwrap_or_else(|detail| {
            wrong.push(("/name", detail));
            "?".to_owned()
        });
        if name.is_empty() {
            wrong.push(("/name", "must not be empty"));
        } else if name.chars().count() > NAME_CHARS_MAX {
            wrong.push(("/name", "must have at most 120 characters"));
        }
        let role = self.role.0;
        if role == Role::Patient {
            wrong.push(("/role", "patients have no accounts"));
        }
        let departments: BTreeSet<Uuid> = self.departments.iter().copied().collect();
        if departments.len() != self.departments.len() {
            wrong.push(("/departments", "names a department twice"));
        }
        if self.all_departments && !departments.is_empty() {
            wrong.push(("/departments", "must be empty with all_departments"));
        }
        if role == Role::Doctor && departments.is_empty() && !self.all_departments {
            wrong.push(("/departments", "must name one at least for a doctor"));
        }
        if !wrong.is_empty() {
            return Err(wrong
                .into_iter()
                .fold(invalid(), |problem, (pointer, detail)| {
                    problem.field(pointer, detail)
                }));
        }
        Ok(Wanted {
            name,
            role,
            grants: if self.all_departments {
                Grants::All
            } else {
                Grants::Only(departments.into_iter().map(DepartmentId).collect())
            },
        })
    }
}

fn invalid() -> Problem {
    Problem::new(RejectionCode::InvalidField)
}

/// An address that mail can be sent to without quoting anything; none for anything else.
fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.split_once('@')?;
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local_is_good = (1..=LOCAL_BYTES_MAX).contains(&local.len())
        && local.chars().all(is_atom)
        && local.split('.').all(|part| !part.is_empty());
    let label_is_good = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_good =
        text.len() <= EMAIL_BYTES_MAX && local_is_good && domain.split('.').all(label_is_good);
    is_good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_goes_to() {
        for good in ["a@b", "florence.n+ward@st-thomas.example", " a@b.c "] {
            assert_eq!(email(good).as_deref(), Some(good.trim()));
        }
        let long = format!("{}@b.c", "a".repeat(65));
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b@c",
            "a@b..c",
            "a@-b",
            "a..b@c",
            "\"a\"@b",
            "a@b\r\nBcc: x@y",
            "a\u{0}@b",
            "ä@b",
            "a,b@c",
            "<a@b>",
            &long,
        ] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_wrong_field_is_told() {
        let body = InvitationBody {
            email: "nobody".to_owned(),
            name: " ".to_owned(),
            role: Word(Role::Doctor),
            departments: Vec::new(),
            all_departments: false,
        };
        let problem = body.checked().unwrap_err().body("");
        let mut pointers: Vec<_> = problem
            .errors
            .unwrap()
            .into_iter()
            .map(|e| e.pointer)
            .collect();
        pointers.sort();
        assert_eq!(pointers, ["/departments", "/email", "/name"]);
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (400, "invalid_field")
        );
    }
}
