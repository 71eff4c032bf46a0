//! Hashes of passwords that nobody has, for names that no account has. After the cost of hashing
//! was raised, the hashes of accounts differ in their cost until each has signed in once; so do
//! those of unknown names then, in the same shares, and always the same one for the same name.

use super::PasswordError;
use crate::auth::identity_key::Key;
use medique_platform::password::Hashing;
use sqlx::PgPool;
use uuid::Uuid;

/// What the hashes of accounts cost, and how many cost that.
pub type Costs = Vec<(Hashing, u64)>;

struct Decoy {
    cost: Hashing,
    hash: String,
    accounts: u64,
}

/// One hash for each cost that an account's hash has; never empty.
pub struct Decoys {
    first: Decoy,
    others: Vec<Decoy>,
}

impl Decoys {
    /// One of one cost.
    pub fn of_cost(cost: Hashing) -> Result<Self, PasswordError> {
        Ok(Self {
            first: decoy(cost, 1)?,
            others: Vec::new(),
        })
    }

    /// Those for the costs of all accounts. Hashes that are known already stay.
    pub fn for_costs(known: &Self, costs: &Costs, default: Hashing) -> Result<Self, PasswordError> {
        let made = |&(cost, accounts): &(Hashing, u64)| match known.all().find(|d| d.cost == cost) {
            Some(decoy) => Ok(Decoy {
                cost,
                hash: decoy.hash.clone(),
                accounts,
            }),
            None => decoy(cost, accounts),
        };
        let mut decoys = costs.iter().map(made).collect::<Result<Vec<_>, _>>()?;
        match decoys.pop() {
            None => Self::of_cost(default),
            Some(first) => Ok(Self {
                first,
                others: decoys,
            }),
        }
    }

    /// The hash that a name would have.
    pub fn of(&self, name: &Key) -> &str {
        let total: u64 = self.all().map(|decoy| decoy.accounts).sum();
        let number = name
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        let mut rest = number % total.max(1);
        for decoy in &self.others {
            if rest < decoy.accounts {
                return &decoy.hash;
            }
            rest -= decoy.accounts;
        }
        &self.first.hash
    }

    fn all(&self) -> impl Iterator<Item = &Decoy> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

fn decoy(cost: Hashing, accounts: u64) -> Result<Decoy, PasswordError> {
    let password = Uuid::new_v4().to_string().into();
    Ok(Decoy {
        cost,
        hash: cost.hash(&password)?,
        accounts,
    })
}

/// Reads what the hashes of accounts cost.
pub async fn costs(pool: &PgPool) -> Result<Costs, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT min(password_hash), count(*) FROM staff
         WHERE password_hash IS NOT NULL AND disabled_at IS NULL
         GROUP BY split_part(password_hash, '$', 4) ORDER BY split_part(password_hash, '$', 4)",
    )
    .fetch_all(pool)
    .await?;
    let cost =
        |(hash, accounts): (String, i64)| Some((Hashing::of(&hash)?, accounts.unsigned_abs()));
    Ok(rows.into_iter().filter_map(cost).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn unknown_names_cost_what_accounts_cost_in_the_same_shares() {
        let cheap = Hashing::default();
        let dear = Hashing { passes: 3, ..cheap };
        let known = Decoys::of_cost(cheap).unwrap();
        let decoys = Decoys::for_costs(&known, &vec![(cheap, 30), (dear, 10)], cheap).unwrap();
        assert_eq!(
            decoys.others[0].hash, known.first.hash,
            "a known hash stays"
        );
        let mut shares = BTreeMap::new();
        for number in 0..400_u64 {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&number.to_be_bytes());
            let hash = decoys.of(&name);
            assert_eq!(decoys.of(&name), hash);
            *shares.entry(Hashing::of(hash).unwrap().passes).or_insert(0) += 1;
        }
        assert_eq!(shares, BTreeMap::from([(2, 300), (3, 100)]));
        let none = Decoys::for_costs(&known, &Vec::new(), dear).unwrap();
        assert_eq!(Hashing::of(none.of(&[7; 32])), Some(dear));
    }
}
