//! Log lines on their way to stderr: written by a thread of their own, so that whoever reads them
//! slowly, or not at all, never holds up a request. What does not fit is dropped and counted.

use super::outlet::dropped;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait: a second of a busy process, some megabytes.
const LINES_MAX: usize = 16_384;
/// Bytes that are written at once.
const WRITE_MAX: usize = 64 * 1024;
/// Longest wait for what is still to be written at the end.
const FLUSH_MAX: Duration = Duration::from_secs(1);

enum Item {
    Line(Vec<u8>),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// The near end. Clones share the line.
#[derive(Debug, Clone)]
pub(super) struct Lines(Arc<SyncSender<Item>>);

impl Lines {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// The system has no more threads.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(LINES_MAX);
        std::thread::Builder::new()
            .name("log-lines".to_owned())
            .spawn(move || write(&waiting, out))?;
        Ok(Self(Arc::new(lines)))
    }

    /// Hands a line over, with its line end. Never waits.
    pub(super) fn send(&self, line: Vec<u8>) {
        if let Err(TrySendError::Full(_)) = self.0.try_send(Item::Line(line)) {
            dropped("lines", "queue_full", 1);
        }
    }

    /// Waits, not for long, until everything is written.
    pub(super) fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.0.try_send(Item::Flush(done)).is_ok() {
            // Whoever does not read in time has what it could get.
            let _ = written.recv_timeout(FLUSH_MAX);
        }
    }
}

fn write(waiting: &Receiver<Item>, mut out: impl Write) {
    let mut text = Vec::with_capacity(WRITE_MAX);
    while let Ok(first) = waiting.recv() {
        let mut next = Some(first);
        let mut flushed = Vec::new();
        while let Some(item) = next {
            match item {
                Item::Line(line) => text.extend_from_slice(&line),
                Item::Flush(done) => flushed.push(done),
            }
            next = (text.len() < WRITE_MAX)
                .then(|| waiting.try_recv().ok())
                .flatten();
        }
        // There is nobody to tell that stderr is closed.
        let _ = out.write_all(&text).and_then(|()| out.flush());
        text.clear();
        for done in flushed {
            let _ = done.try_send(());
        }
    }
}

/// For the formatter of lines for people, which writes each with one call.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_in_order_and_a_flush_waits_for_them() {
        let out = Shared::default();
        let lines = Lines::start(out.clone()).unwrap();
        (0..1000).for_each(|number| lines.send(format!("{number}\n").into_bytes()));
        lines.flush();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(*out.0.lock().unwrap(), expected.as_bytes());
    }

    /// Takes nothing until it is told to.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_does_not_read_holds_up_nobody() {
        let (_open, stuck) = channel();
        let lines = Lines::start(Stuck(stuck)).unwrap();
        let begun = Instant::now();
        for _ in 0..2 * LINES_MAX {
            lines.send(b"a line\n".to_vec());
        }
        lines.flush();
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            begun.elapsed()
        );
    }
}
