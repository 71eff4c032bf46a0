//! The last lines of a log file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// More than any sensible number of lines needs; keeps a huge log from being read whole.
const WINDOW_BYTES: u64 = 256 * 1024;

/// The last `lines` lines of `path`; empty when it cannot be read.
pub(crate) fn last_lines(path: &Path, lines: usize) -> String {
    read_window(path).map_or_else(|_| String::new(), |text| keep_last(&text, lines))
}

fn read_window(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(WINDOW_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn keep_last(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_last_lines() {
        assert_eq!(keep_last("a\nb\nc\n", 2), "b\nc");
        assert_eq!(keep_last("a\nb\n", 9), "a\nb");
        assert_eq!(keep_last("", 3), "");
    }
}
