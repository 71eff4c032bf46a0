//! The frames of a sealed file.

use super::{BackupKey, VaultError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"MQVAULT1";
const SALT_LEN: usize = 32;
/// Clear bytes of a frame; only the last one may have fewer.
const FRAME_LEN: usize = 1 << 16;
const TAG_LEN: usize = 16;

struct Frames {
    key: LessSafeKey,
    number: u64,
}

impl Frames {
    fn new(key: &BackupKey, salt: &[u8]) -> Result<Self, VaultError> {
        let key = UnboundKey::new(&AES_256_GCM, &key.of_file(salt));
        let key = LessSafeKey::new(key.map_err(|_| VaultError::Library)?);
        Ok(Self { key, number: 0 })
    }

    fn nonce(&mut self, is_last: bool) -> Nonce {
        let mut bytes = [0; NONCE_LEN];
        bytes[0] = u8::from(is_last);
        bytes[NONCE_LEN - 8..].copy_from_slice(&self.number.to_be_bytes());
        self.number += 1;
        Nonce::assume_unique_for_key(bytes)
    }
}

/// Seals what is written to it. Without [`Sealer::finish`] nobody can open what came out.
pub struct Sealer<W> {
    frames: Frames,
    clear: Vec<u8>,
    to: W,
}

impl<W: Write> Sealer<W> {
    /// A sealer into `to`.
    ///
    /// # Errors
    /// `to` cannot be written; the library fails.
    pub fn new(key: &BackupKey, mut to: W) -> Result<Self, VaultError> {
        let mut salt = [0; SALT_LEN];
        rand::fill(&mut salt).map_err(|_| VaultError::Library)?;
        to.write_all(MAGIC)?;
        to.write_all(&salt)?;
        Ok(Self {
            frames: Frames::new(key, &salt)?,
            clear: Vec::with_capacity(FRAME_LEN + TAG_LEN),
            to,
        })
    }

    /// Writes the last frame.
    ///
    /// # Errors
    /// As [`Sealer::new`].
    pub fn finish(mut self) -> Result<(), VaultError> {
        self.frame(true)?;
        self.to.flush()?;
        Ok(())
    }

    fn frame(&mut self, is_last: bool) -> Result<(), VaultError> {
        let nonce = self.frames.nonce(is_last);
        self.frames
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.clear)
            .map_err(|_| VaultError::Library)?;
        self.to.write_all(&self.clear)?;
        self.clear.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full frame is not the last one as soon as there is a byte more.
        if self.clear.len() == FRAME_LEN {
            self.frame(false).map_err(io::Error::other)?;
        }
        let taken = bytes.len().min(FRAME_LEN - self.clear.len());
        self.clear.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Opens what a [`Sealer`] wrote: every byte that it gives is authentic, and it ends without an
/// error only where the file was finished.
pub struct Opener<R> {
    frames: Frames,
    from: R,
    /// The next frame as it stands in the file.
    next: Vec<u8>,
    clear: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// An opener of `from`.
    ///
    /// # Errors
    /// `from` cannot be read or is no sealed file.
    pub fn new(key: &BackupKey, mut from: R) -> Result<Self, VaultError> {
        let head = some(&mut from, MAGIC.len() + SALT_LEN)?;
        if head.len() < MAGIC.len() + SALT_LEN || &head[..MAGIC.len()] != MAGIC {
            return Err(VaultError::NotAuthentic);
        }
        let frames = Frames::new(key, &head[MAGIC.len()..])?;
        let next = some(&mut from, FRAME_LEN + TAG_LEN)?;
        Ok(Self {
            frames,
            from,
            next,
            clear: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    fn frame(&mut self) -> Result<(), VaultError> {
        let following = some(&mut self.from, FRAME_LEN + TAG_LEN)?;
        self.clear = std::mem::replace(&mut self.next, following);
        let is_last = self.next.is_empty();
        let nonce = self.frames.nonce(is_last);
        let length = self
            .frames
            .key
            .open_in_place(nonce, Aad::empty(), &mut self.clear)
            .map_err(|_| VaultError::NotAuthentic)?
            .len();
        self.clear.truncate(length);
        (self.given, self.ended) = (0, is_last);
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.clear.len() {
            if self.ended {
                return Ok(0);
            }
            self.frame().map_err(io::Error::other)?;
        }
        let count = buffer.len().min(self.clear.len() - self.given);
        buffer[..count].copy_from_slice(&self.clear[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// So many bytes, or as many as there are.
fn some(from: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count);
    from.by_ref().take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
