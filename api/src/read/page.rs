//! Pages of a list.

use crate::read::cursor;
use poem_openapi::Object;
use poem_openapi::payload::{Json, Response};
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use serde::Serialize;

/// Items of a page when the client does not say.
pub const LIMIT_DEFAULT: u16 = 50;

/// Part of a list.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Page<T: Type + ParseFromJSON + ToJSON> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Send it as `cursor` to get what follows; absent on the last page.
    pub next_cursor: Option<String>,
}

impl<T: Type + ParseFromJSON + ToJSON> Page<T> {
    /// A page out of rows of which one more was read than fits.
    pub fn cut<R, K: Serialize>(
        mut rows: Vec<R>,
        limit: u16,
        key: impl FnOnce(&R) -> K,
        item: impl FnMut(R) -> T,
    ) -> Self {
        let limit = usize::from(limit);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows
            .last()
            .filter(|_| has_more)
            .map(|row| cursor::encode(&key(row)));
        Self {
            items: rows.into_iter().map(item).collect(),
            next_cursor,
        }
    }
}

/// An answer that nobody on the way may keep.
pub type Fresh<T> = Response<Json<T>>;

/// Marks an answer as not to be kept.
pub fn fresh<T: Type + ToJSON>(value: T) -> Fresh<T> {
    Response::new(Json(value)).header("Cache-Control", "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[u32], limit: u16) -> (Vec<u32>, Option<u32>) {
        let page = Page::cut(rows.to_vec(), limit, |row| *row, |row| row);
        let next = cursor::decode(page.next_cursor.as_deref()).unwrap();
        (page.items, next)
    }

    #[test]
    fn only_a_page_with_more_behind_it_has_a_cursor() {
        assert_eq!(page(&[], 2), (vec![], None));
        assert_eq!(page(&[1, 2], 2), (vec![1, 2], None));
        assert_eq!(page(&[1, 2, 3], 2), (vec![1, 2], Some(2)));
    }
}
