//! As much of SMTP (RFC 5321) as a client needs to hand a mail over.

use crate::store::{Fault, Step, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Longest mail, bytes.
const MAIL_MAX: u64 = 1 << 20;
const LINE_MAX: u64 = 4096;
const CONNECTIONS_MAX: usize = 100;
/// A connection on which nothing happens is closed; longer than any client waits.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, store: Store) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = places.clone().acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        let store = store.clone();
        tokio::spawn(async move {
            // A client that breaks off is a client's matter.
            let _ = tokio::time::timeout(SILENCE_MAX, dialogue(stream, &store)).await;
            drop(place);
        });
    }
}

/// What goes on after a step.
enum Next {
    On,
    End,
}

/// One connection.
struct Dialogue<'a> {
    stream: BufStream<TcpStream>,
    store: &'a Store,
    from: Option<String>,
    to: Vec<String>,
}

async fn dialogue(stream: TcpStream, store: &Store) -> std::io::Result<()> {
    let mut dialogue = Dialogue {
        stream: BufStream::new(stream),
        store,
        from: None,
        to: Vec::new(),
    };
    if let Next::End = dialogue.answer(Step::Connect, "220 mail-sink").await? {
        return Ok(());
    }
    while let Some(line) = dialogue.line().await? {
        if let Next::End = dialogue.command(&line).await? {
            return Ok(());
        }
    }
    Ok(())
}

impl Dialogue<'_> {
    async fn command(&mut self, line: &str) -> std::io::Result<Next> {
        let upper = line.to_ascii_uppercase();
        let verb = upper.split([' ', ':']).next().unwrap_or_default();
        match verb {
            "EHLO" => {
                self.say("250-mail-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
                    .await
            }
            "HELO" | "NOOP" | "RSET" => {
                self.start_over();
                self.say("250 OK").await
            }
            "MAIL" => {
                self.start_over();
                let next = self.answer(Step::Mail, "250 OK").await?;
                self.from = Some(address(line));
                Ok(next)
            }
            "RCPT" if self.from.is_some() => {
                if self.store.fault_at(Step::Rcpt).is_none() {
                    self.to.push(address(line));
                }
                self.answer(Step::Rcpt, "250 OK").await
            }
            "DATA" if !self.to.is_empty() => self.data().await,
            "RCPT" | "DATA" => self.say("503 not now").await,
            "QUIT" => {
                self.say("221 bye").await?;
                Ok(Next::End)
            }
            _ => self.say("502 not here").await,
        }
    }

    async fn data(&mut self) -> std::io::Result<Next> {
        if self.store.fault_at(Step::Data).is_some() {
            return self.answer(Step::Data, "354 go on").await;
        }
        self.say("354 go on").await?;
        let mut raw = Vec::new();
        loop {
            let Some(line) = self.line_bytes().await? else {
                return Ok(Next::End); // broken off: it never was a mail
            };
            if line == b".\r\n" {
                break;
            }
            // a leading dot was doubled on the way
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if raw.len() as u64 > MAIL_MAX {
                self.say("552 too long").await?;
                return Ok(Next::End);
            }
        }
        let refuses = matches!(self.store.fault_at(Step::Message), Some(Fault::Refuse(_)));
        if !refuses {
            let from = self.from.take().unwrap_or_default();
            self.store.keep(from, std::mem::take(&mut self.to), &raw);
        }
        self.start_over();
        self.answer(Step::Message, "250 kept").await
    }

    fn start_over(&mut self) {
        self.from = None;
        self.to.clear();
    }

    /// The usual answer, or what the sink was told to do at this step.
    async fn answer(&mut self, step: Step, usual: &str) -> std::io::Result<Next> {
        match self.store.fault_at(step) {
            None => self.say(usual).await,
            Some(Fault::Refuse(code)) => self.say(&format!("{code} told to")).await,
            Some(Fault::Close) => Ok(Next::End),
            Some(Fault::Hang) => {
                std::future::pending::<()>().await;
                Ok(Next::End)
            }
        }
    }

    async fn say(&mut self, text: &str) -> std::io::Result<Next> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await?;
        Ok(Next::On)
    }

    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let line = self.line_bytes().await?;
        Ok(line.map(|line| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// A line with its end; none when the client is gone.
    async fn line_bytes(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LINE_MAX);
        limited.read_until(b'\n', &mut line).await?;
        Ok(line.ends_with(b"\n").then_some(line))
    }
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn talk(store: &Store, lines: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(serve(listener, store.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(lines.as_bytes()).await.unwrap();
        let mut answers = String::new();
        client.read_to_string(&mut answers).await.unwrap();
        served.abort();
        answers
    }

    const MAIL: &str = "EHLO me\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n\
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n..\r\n.\r\nQUIT\r\n";

    #[tokio::test]
    async fn a_mail_is_kept_and_decoded() {
        let store = Store::default();
        let answers = talk(&store, MAIL).await;
        assert!(answers.ends_with("250 kept\r\n221 bye\r\n"), "{answers}");
        let mails = store.mails();
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert_eq!(
            (mail.from.as_str(), mail.subject.as_str()),
            ("a@x.example", "Grüße")
        );
        assert_eq!(mail.to, ["b@y.example"]);
        assert_eq!(
            (mail.message_id.as_str(), mail.text.trim_end()),
            ("1@x", "Hello\r\n.")
        );
    }

    #[tokio::test]
    async fn a_refused_mail_is_not_kept() {
        for (at, said) in [(Step::Rcpt, "550 told to"), (Step::Message, "550 told to")] {
            let store = Store::default();
            let fault = Fault::Refuse(550);
            store.behave(Some(crate::store::Behaviour { at, fault }));
            let answers = talk(&store, MAIL).await;
            assert!(answers.contains(said), "{answers}");
            assert!(store.mails().is_empty());
        }
    }
}
