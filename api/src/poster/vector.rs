//! A poster as SVG, in millimetres. Attributes only, no style: it shows under the strictest policy.

use super::{INVITATION, Modules, Poster, PosterError};
use std::fmt::Write as _;

/// Side of the code, millimetres.
const CODE_MM: usize = 160;
/// Room for a line of text, millimetres.
const LINE_MM: usize = 190;

/// Draws a poster.
///
/// # Errors
/// [`PosterError`].
pub fn svg(poster: &Poster) -> Result<String, PosterError> {
    let modules = Modules::of(&poster.code)?;
    let mut text = String::with_capacity(64 * 1024);
    text.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\" \
         viewBox=\"0 0 210 297\">\n<rect width=\"210\" height=\"297\" fill=\"#fff\"/>\n",
    );
    line(&mut text, 26, 8, &poster.facility);
    line(&mut text, 48, 16, &poster.department);
    line(&mut text, 240, 12, INVITATION);
    line(&mut text, 262, 6, &poster.validity());
    let width = modules.width;
    // Writing to memory does not fail.
    let _ = write!(
        text,
        "<svg x=\"25\" y=\"62\" width=\"{CODE_MM}\" height=\"{CODE_MM}\" \
         viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\""
    );
    for y in 0..width {
        for x in (0..width).filter(|x| modules.is_dark(*x, y)) {
            let _ = write!(text, "M{x} {y}h1v1h-1z");
        }
    }
    text.push_str("\"/></svg>\n</svg>\n");
    Ok(text)
}

/// One centred line, smaller where it would be too wide.
fn line(text: &mut String, y: usize, size: usize, words: &str) {
    // Letters are little more than half as wide as high.
    let fitting = LINE_MM * 5 / (3 * words.chars().count().max(1));
    let size = size.min(fitting.max(2));
    let _ = writeln!(
        text,
        "<text x=\"105\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"middle\" \
         font-family=\"sans-serif\" font-weight=\"bold\">{}</text>",
        escape(words)
    );
}

fn escape(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
