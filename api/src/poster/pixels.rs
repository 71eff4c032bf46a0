//! A poster as PNG: grey, A4 at 150 dots per inch.

use super::{INVITATION, Modules, Poster, PosterError};
use noto_sans_mono_bitmap::{
    FontWeight, RasterHeight, RasterizedChar, get_raster, get_raster_width,
};

const WIDTH: usize = 1240;
const HEIGHT: usize = 1754;
/// Room for a line of text.
const LINE: usize = 1160;
/// Most that the code may take.
const CODE: usize = 1000;
const CODE_TOP: usize = 360;
const WHITE: u8 = 255;
const PIXELS_PER_METRE: u32 = 5906;

struct Page(Vec<u8>);

/// Draws a poster.
///
/// # Errors
/// [`PosterError`].
pub fn png(poster: &Poster) -> Result<Vec<u8>, PosterError> {
    let modules = Modules::of(&poster.code)?;
    let mut page = Page(vec![WHITE; WIDTH * HEIGHT]);
    page.line(130, 2, &poster.facility);
    page.line(220, 3, &poster.department);
    page.code(&modules);
    page.line(1420, 2, INVITATION);
    page.line(1530, 1, &poster.validity());
    encode(&page.0)
}

impl Page {
    /// The code, each module a square of whole pixels.
    fn code(&mut self, modules: &Modules) {
        let side = (CODE / modules.width).max(1);
        let left = WIDTH.saturating_sub(side * modules.width) / 2;
        for y in 0..modules.width {
            for x in (0..modules.width).filter(|x| modules.is_dark(*x, y)) {
                self.square(left + x * side, CODE_TOP + y * side, side, 0);
            }
        }
    }

    /// One centred line, each pixel of the font `scale` pixels wide where there is room for it. What
    /// does not fit even in the smallest size is cut.
    fn line(&mut self, top: usize, scale: usize, words: &str) {
        let glyph = get_raster_width(FontWeight::Bold, RasterHeight::Size32);
        let wanted = words.chars().count().max(1);
        let scale = scale.min(LINE / (glyph * wanted)).max(1);
        let shown = wanted.min(LINE / (glyph * scale));
        let mut left = (WIDTH - shown * glyph * scale) / 2;
        for character in words.chars().take(shown) {
            self.glyph(left, top, scale, &raster(character));
            left += glyph * scale;
        }
    }

    fn glyph(&mut self, left: usize, top: usize, scale: usize, glyph: &RasterizedChar) {
        for (y, row) in glyph.rows().enumerate() {
            for (x, ink) in row.iter().enumerate().filter(|(_, ink)| **ink > 0) {
                self.square(left + x * scale, top + y * scale, scale, WHITE - ink);
            }
        }
    }

    fn square(&mut self, left: usize, top: usize, side: usize, shade: u8) {
        let rows = self.0.chunks_exact_mut(WIDTH).skip(top).take(side);
        for row in rows {
            let end = (left + side).min(WIDTH);
            row[left.min(end)..end].fill(shade);
        }
    }
}

/// The picture of a character; a question mark for one that the font does not have. The SVG has
/// every character that its viewer knows.
fn raster(character: char) -> RasterizedChar {
    let find = |character| get_raster(character, FontWeight::Bold, RasterHeight::Size32);
    find(character)
        .or_else(|| find('?'))
        .expect("the font has a question mark")
}

fn encode(pixels: &[u8]) -> Result<Vec<u8>, PosterError> {
    let mut file = Vec::new();
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(::png::ColorType::Grayscale);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(::png::PixelDimensions {
        xppu: PIXELS_PER_METRE,
        yppu: PIXELS_PER_METRE,
        unit: ::png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}
