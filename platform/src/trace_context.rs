//! W3C trace context: the `traceparent` that a request, its command, its events and its log lines
//! share.

use std::fmt::Write as _;

/// One position in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    sampled: bool,
}

impl TraceContext {
    /// Reads a `traceparent` header. Of versions after 00 the known part is read, as the standard
    /// asks.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let span_id = hex(parts.next()?, 16)?;
        let flags = hex(parts.next()?, 2)?;
        let has_more = parts.next().is_some();
        if version == 0xff || (version == 0 && has_more) || trace_id == 0 || span_id == 0 {
            return None;
        }
        let span_id = u64::try_from(span_id).ok()?;
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
        })
    }

    /// Starts a trace; sampled as configured, and not while nothing is recorded.
    pub fn new_root() -> Self {
        let trace_id = rand::random_range(1..=u128::MAX);
        Self {
            trace_id,
            span_id: rand::random_range(1..=u64::MAX),
            sampled: crate::telemetry::trace::samples(trace_id),
        }
    }

    /// The next step of the same trace.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: rand::random_range(1..=u64::MAX),
            ..*self
        }
    }

    /// The step of the same trace that `subject` stands for: the same one each time.
    pub(crate) fn derived(&self, subject: u128) -> Self {
        // The finalizer of SplitMix64 spreads every bit over the whole number.
        let mut bits = (subject >> 64) as u64 ^ subject as u64 ^ self.span_id;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self {
            span_id: (bits ^ (bits >> 31)).max(1),
            ..*self
        }
    }

    /// The same step, recorded or not.
    pub(crate) fn sampled(self, sampled: bool) -> Self {
        Self { sampled, ..self }
    }

    pub(crate) fn trace_number(&self) -> u128 {
        self.trace_id
    }

    pub(crate) fn span_number(&self) -> u64 {
        self.span_id
    }

    /// The header, version 00.
    pub fn traceparent(&self) -> String {
        let flags = u8::from(self.sampled);
        let mut header = String::with_capacity(55);
        // Writing to a String cannot fail.
        let _ = write!(
            header,
            "00-{:032x}-{:016x}-{flags:02x}",
            self.trace_id, self.span_id
        );
        header
    }

    /// 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// 16 lower-case hexadecimal digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span_id)
    }

    /// Whether the caller records this trace.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }
}

/// The standard allows lower-case digits only.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != digits || !text.bytes().all(is_hex) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written_back() {
        let context = TraceContext::parse(HEADER).unwrap();
        assert_eq!(context.traceparent(), HEADER);
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.span_id(), "00f067aa0ba902b7");
        assert!(context.is_sampled());
    }

    #[test]
    fn a_child_stays_in_its_trace() {
        let root = TraceContext::new_root();
        let child = root.child();
        assert_eq!(child.trace_id(), root.trace_id());
        assert_ne!(child.span_id(), root.span_id());
        assert_eq!(TraceContext::parse(&child.traceparent()), Some(child));
    }

    #[test]
    fn a_derived_step_is_the_same_each_time_and_differs_by_subject_and_cause() {
        let cause = TraceContext::new_root();
        let step = cause.derived(7);
        assert_eq!(step, cause.derived(7));
        assert_eq!(step.trace_id(), cause.trace_id());
        assert_ne!(step.span_id(), cause.span_id());
        assert_ne!(step, cause.derived(8));
        assert_ne!(step.span_id(), cause.child().derived(7).span_id());
    }

    #[test]
    fn a_later_version_may_carry_more() {
        assert!(TraceContext::parse(&format!("01{}-more", &HEADER[2..])).is_some());
    }

    #[test]
    fn anything_else_is_refused() {
        let upper = HEADER.to_uppercase();
        let with_more = format!("{HEADER}-more");
        for wrong in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            &upper,
            &with_more,
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }
}
