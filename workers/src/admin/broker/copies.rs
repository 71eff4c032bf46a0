//! Snapshots of streams in sealed files, with a manifest beside them.

use crate::admin::Answer;
use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use medique_platform::bus::{Bus, Snapshot};
use medique_platform::clock;
use medique_platform::vault::{BackupKey, Content, Opener, Sealer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const MANIFEST: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
struct Manifest {
    /// Before the first stream was read: everything older is in the copy.
    taken_at: DateTime<Utc>,
    streams: BTreeMap<String, Copied>,
}

#[derive(Serialize, Deserialize)]
struct Copied {
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Bytes of the broker's copy, before sealing.
    bytes: u64,
    sha256: String,
}

fn file_of(dir: &Path, stream: &str) -> PathBuf {
    dir.join(format!("{stream}.snapshot.mqv"))
}

/// Writes into a hidden folder and renames it: a snapshot is there whole, or not at all.
pub(super) async fn snapshot(
    bus: &Bus,
    key: &BackupKey,
    dir: &Path,
    streams: &[String],
) -> anyhow::Result<Answer> {
    ensure!(!dir.exists(), "{} is there already", dir.display());
    let name = dir.file_name().context("--dir: must name a folder")?;
    let draft = dir.with_file_name(format!(".{}.part", name.to_string_lossy()));
    if draft.exists() {
        fs::remove_dir_all(&draft).context("what an interrupted snapshot left")?;
    }
    fs::DirBuilder::new().mode(0o700).create(&draft)?;
    let taken_at = clock::now();
    let mut manifest = Manifest {
        taken_at,
        streams: BTreeMap::new(),
    };
    for stream in streams {
        let copied = copy(bus, key, &file_of(&draft, stream), stream).await;
        let copied = copied.with_context(|| format!("stream {stream}"))?;
        manifest.streams.insert(stream.clone(), copied);
    }
    let json = serde_json::to_value(&manifest)?;
    let mut file = File::create_new(draft.join(MANIFEST))?;
    file.write_all(serde_json::to_string_pretty(&json)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, dir)?;
    let parent = dir.parent().filter(|path| !path.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    let lines = manifest.streams.iter().map(|(stream, copied)| {
        let (last, bytes) = (copied.snapshot.last_seq(), copied.bytes);
        format!("{stream} copied up to message {last}, {bytes} bytes")
    });
    Ok(Answer::ok(lines.collect::<Vec<_>>().join("\n"), json))
}

/// Copies one stream, reads the sealed file back, and holds it against what the broker said.
async fn copy(bus: &Bus, key: &BackupKey, path: &Path, stream: &str) -> anyhow::Result<Copied> {
    let before = bus.stream_state(stream).await?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let mut sealer = Sealer::new(key, &file)?;
    let mut bytes = 0;
    let snapshot = bus
        .snapshot(stream, |part| {
            bytes += part.len() as u64;
            sealer.write_all(part)
        })
        .await?;
    sealer.finish()?;
    file.sync_all()?;
    let Content {
        bytes: read,
        sha256,
    } = key.verify(path)?;
    ensure!(read == bytes, "the file holds {read} bytes of {bytes}");
    ensure!(
        snapshot.last_seq() >= before.last_seq,
        "the copy ends at message {}, the stream was at {} before",
        snapshot.last_seq(),
        before.last_seq
    );
    Ok(Copied {
        snapshot,
        bytes,
        sha256,
    })
}

pub(super) async fn restore(
    bus: &Bus,
    key: &BackupKey,
    dir: &Path,
    streams: &[String],
) -> anyhow::Result<Answer> {
    let text = fs::read(dir.join(MANIFEST)).with_context(|| format!("{}", dir.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text).context(MANIFEST)?;
    let mut lines = Vec::new();
    let mut json = serde_json::Map::new();
    for stream in streams {
        let copied = manifest
            .streams
            .get(stream)
            .with_context(|| format!("{stream} is not part of this snapshot"))?;
        ensure!(
            !bus.has_stream(stream).await?,
            "there is a stream {stream} in the broker: stop api and workers, look at what it holds (`broker check`), \
             delete it (`nats stream rm`, or an empty store directory), then restore"
        );
        let path = file_of(dir, stream);
        let content = key
            .verify(&path)
            .with_context(|| format!("{}", path.display()))?;
        ensure!(
            (content.bytes, &content.sha256) == (copied.bytes, &copied.sha256),
            "{} is not the file of this manifest",
            path.display()
        );
        let mut opener = Opener::new(key, File::open(&path)?)?;
        let state = bus
            .restore(stream, &copied.snapshot, || {
                let mut part = Vec::with_capacity(Snapshot::PART_BYTES);
                let limit = Snapshot::PART_BYTES as u64;
                let read = opener.by_ref().take(limit).read_to_end(&mut part)?;
                Ok((read > 0).then_some(part))
            })
            .await
            .with_context(|| format!("stream {stream}"))?;
        let last_seq = state.last_seq;
        lines.push(format!("{stream} restored up to message {last_seq}"));
        json.insert(
            stream.clone(),
            serde_json::json!({ "last_seq": last_seq, "messages": state.messages }),
        );
    }
    Ok(Answer::ok(
        lines.join("\n"),
        serde_json::json!({ "taken_at": manifest.taken_at, "streams": json }),
    ))
}
