//! The files themselves, as the build wrote them: each text also compressed, so that nothing is
//! compressed while it is served.

use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;

/// What stood in `api/web/dist` when the binary was built; builds for development read the folder.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[exclude = ".vite/*"]
struct Dist;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// Not at all.
    Identity,
}

impl Encoding {
    /// The smallest that an `Accept-Encoding` takes. One that is refused by `q=0` is rare enough to
    /// get nothing compressed at all.
    pub fn best(accepted: &str) -> Self {
        let takes = |name: &str| {
            accepted
                .split(',')
                .any(|one| one.trim().split(';').next() == Some(name))
        };
        if accepted.contains("q=0,") || accepted.ends_with("q=0") {
            Self::Identity
        } else if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// The value of `Content-Encoding`.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

/// A file to be sent.
pub struct File {
    /// The bytes, compressed as `encoding` says.
    pub content: Bytes,
    /// How it is compressed.
    pub encoding: Encoding,
    /// The media type of what is compressed.
    pub content_type: &'static str,
    /// Hexadecimal hash of the bytes.
    pub fingerprint: String,
}

impl File {
    /// The file of this name; uncompressed where it is there in no other way.
    pub fn find(name: &str, wanted: Encoding) -> Option<Self> {
        let content_type = content_type(name)?;
        let compressed =
            Dist::get(&format!("{name}{}", wanted.suffix())).map(|file| (file, wanted));
        let plain = || Dist::get(name).map(|file| (file, Encoding::Identity));
        let (file, encoding) = compressed.or_else(plain)?;
        Some(Self {
            encoding,
            content_type,
            fingerprint: fingerprint(&file),
            content: bytes_of(file.data),
        })
    }
}

fn fingerprint(file: &EmbeddedFile) -> String {
    let hash = &file.metadata.sha256_hash()[..12];
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// Media types of what a build has; nothing else is served.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}
