//! Posters: A4, the department's name, a QR code, and until when it is valid.

mod pixels;
mod vector;

pub use pixels::png;
pub use vector::svg;

use chrono::{DateTime, Utc};
use qrcode::{Color, EcLevel, QrCode};

/// Empty modules around a code that scanners need.
const QUIET_ZONE: usize = 4;
const INVITATION: &str = "Scan to check in";

/// What stands on a poster.
#[derive(Debug, Clone)]
pub struct Poster {
    /// What the QR code holds.
    pub code: String,
    /// The hospital.
    pub facility: String,
    /// The department whose queue it leads to.
    pub department: String,
    /// Instant from which the code is dead.
    pub expires_at: DateTime<Utc>,
}

/// Why a poster cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PosterError {
    /// The address is longer than a QR code can be.
    #[error("the address does not fit into a QR code: {0}")]
    Code(#[from] qrcode::types::QrError),
    /// The picture could not be written.
    #[error("the picture could not be written: {0}")]
    Picture(#[from] ::png::EncodingError),
}

/// The modules of a code with the quiet zone around them.
struct Modules {
    /// Modules on a side.
    width: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// A fifth or so of a printed code may be dirty or torn.
    fn of(code: &str) -> Result<Self, PosterError> {
        let code = QrCode::with_error_correction_level(code, EcLevel::M)?;
        let inner = code.width();
        let width = inner + 2 * QUIET_ZONE;
        let mut dark = vec![false; width * width];
        for (index, color) in code.into_colors().into_iter().enumerate() {
            let (x, y) = (index % inner + QUIET_ZONE, index / inner + QUIET_ZONE);
            dark[y * width + x] = color == Color::Dark;
        }
        Ok(Self { width, dark })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x]
    }
}

impl Poster {
    fn validity(&self) -> String {
        format!(
            "Valid until {} UTC",
            self.expires_at.format("%Y-%m-%d %H:%M")
        )
    }
}

#[cfg(test)]
mod tests;
