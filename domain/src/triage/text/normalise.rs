//! One spelling for every way of typing the same letters.

use unicode_normalization::UnicodeNormalization;

/// Text in the spelling that the rules are written in.
#[derive(Debug, Default)]
pub(in crate::triage) struct Normal {
    /// Lower case, without accents, invisible characters and look-alikes.
    pub(in crate::triage) text: String,
    /// Whether invisible characters were taken out, which might have stood for spaces.
    pub(in crate::triage) had_invisible: bool,
}

/// Normalises `text`; invisible characters become `invisible`, or nothing.
pub(in crate::triage) fn normalise(text: &str, invisible: Option<char>) -> Normal {
    let mut normal = Normal {
        text: String::with_capacity(text.len()),
        had_invisible: false,
    };
    if text.is_ascii() {
        normal.text.push_str(text);
        normal.text.make_ascii_lowercase();
    } else {
        for c in text.nfkd() {
            if is_invisible(c) {
                normal.had_invisible = true;
                normal.text.extend(invisible);
            } else if !is_mark(c) {
                push_folded(&mut normal.text, c);
            }
        }
    }
    normal.text = joined(&normal.text);
    normal
}

/// Characters that show nothing: joiners, marks of direction, soft hyphens, tags, selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Accents and vowel signs, which stand on their own after decomposition, and the Arabic tatweel.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

fn push_folded(text: &mut String, c: char) {
    for c in c.to_lowercase().filter(|c| !is_mark(*c)) {
        match c {
            'ß' => text.push_str("ss"),
            'æ' => text.push_str("ae"),
            'œ' => text.push_str("oe"),
            _ => text.push(look_alike(c)),
        }
    }
}

/// Letters of other scripts that look like Latin ones, variants of Arabic letters and digits, and
/// the many apostrophes.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'β' | 'ʙ' | 'ь' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'đ' | 'ᴅ' => 'd',
        'е' | 'ε' | 'ҽ' | 'ᴇ' => 'e',
        'ꜰ' | 'ƒ' => 'f',
        'ɡ' | 'ɢ' => 'g',
        'н' | 'һ' | 'ʜ' | 'ħ' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' | 'ɩ' => 'i',
        'ј' | 'ϳ' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ӏ' | 'ł' | 'ʟ' => 'l',
        'м' | 'ᴍ' | 'ϻ' => 'm',
        'п' | 'η' | 'ո' | 'ɴ' => 'n',
        'о' | 'ο' | 'σ' | 'օ' | 'ø' | 'ᴏ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ᴜ' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' | 'ʏ' => 'y',
        'ᴢ' => 'z',
        'ٱ' | 'أ' | 'إ' | 'آ' => 'ا',
        'ى' | 'ئ' | 'ی' => 'ي',
        'ة' => 'ه',
        'ؤ' => 'و',
        'ک' => 'ك',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '’' | '‘' | '`' | '´' | 'ʼ' | '′' | '＇' => '\'',
        '–' | '—' | '―' | '−' => '-',
        _ => c,
    }
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// Puts together what punctuation tears apart: `can't` becomes `cant` and `s.o.b.` becomes `sob`,
/// while the elisions of French become words of their own.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // How many letters the word before the cursor has.
    let mut letters = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        if c == '\'' {
            let inside = letters > 0 && text[next..].starts_with(char::is_alphabetic);
            if inside && is_elision(&out, letters) {
                out.push(' ');
                letters = 0;
            }
            at = next;
            continue;
        }
        let starts = letters == 0 && c.is_alphabetic() && !out.ends_with(char::is_alphanumeric);
        if let Some(length) = initials(&text[at..]).filter(|_| starts) {
            out.extend(text[at..at + length].chars().filter(|c| *c != '.'));
            letters = length;
            at += length;
            continue;
        }
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        out.push(c);
        at = next;
    }
    out
}

/// Length of the dotted initials at the start of `text`, such as `s.o.b.`; bytes.
fn initials(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let mut letters = 0;
    let mut end = 0;
    while let Some((at, c)) = chars.next_if(|(_, c)| c.is_alphabetic()) {
        if chars.peek().is_some_and(|(_, c)| c.is_alphanumeric()) {
            // A whole word behind the dot belongs to the next sentence.
            break;
        }
        letters += 1;
        end = at + c.len_utf8();
        match chars.next_if(|(_, c)| *c == '.') {
            Some((dot, _)) => end = dot + 1,
            None => break,
        }
    }
    (letters > 1).then_some(end)
}

/// Whether what ends `text` is one of the words that French cuts short before a vowel.
fn is_elision(text: &str, letters: usize) -> bool {
    let start = text
        .char_indices()
        .rev()
        .nth(letters.saturating_sub(1))
        .map_or(0, |(at, _)| at);
    matches!(
        &text[start..],
        "l" | "d" | "j" | "n" | "s" | "m" | "t" | "c" | "qu" | "jusqu" | "lorsqu"
    )
}
