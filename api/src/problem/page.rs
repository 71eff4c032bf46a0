//! The page behind a problem's `type`: what the code means and what to do about it.

use super::catalogue::Entry;
use crate::headers::policy_with_style;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}\
code{background:#eee;padding:.1em .3em}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}code{background:#333}a{color:#8cf}}";

/// The content security policy of these pages.
pub fn policy() -> String {
    policy_with_style(STYLE)
}

/// One code.
pub fn of(entry: &Entry) -> String {
    document(
        entry.title,
        &format!(
            "<h1>{}</h1><p><code>{}</code>, HTTP status {}</p><h2>What it means</h2><p>{}.</p>\
             <h2>What to do</h2><p>{}.</p><p><a href=\"/problems\">All problems</a></p>",
            escape(entry.title),
            entry.code,
            entry.status,
            escape(&capitalised(entry.meaning)),
            escape(&capitalised(entry.advice)),
        ),
    )
}

/// All codes.
pub fn index(entries: impl Iterator<Item = &'static Entry>) -> String {
    let mut list = String::from("<h1>Problems</h1><ul>");
    for entry in entries {
        list.push_str(&format!(
            "<li><a href=\"/problems/{0}\"><code>{0}</code></a> ({1}): {2}</li>",
            entry.code,
            entry.status,
            escape(entry.title)
        ));
    }
    list.push_str("</ul>");
    document("Problems", &list)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{} - MediQue</title><style>{STYLE}</style>{body}</html>",
        escape(title)
    )
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
