//! What is sent.

/// A kind of message. What was sent is summed, to see that all of it has arrived.
pub trait Message: Send + std::fmt::Debug + 'static {
    fn of(v: u64) -> Self;
    fn number(&self) -> u64;
}

impl Message for u64 {
    fn of(v: u64) -> Self {
        v
    }
    fn number(&self) -> u64 {
        *self
    }
}

impl<const N: usize> Message for [u64; N] {
    fn of(v: u64) -> Self {
        let mut m = [0; N];
        m[0] = v;
        m
    }
    fn number(&self) -> u64 {
        self[0]
    }
}

static TABLE: [u64; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

impl Message for &'static u64 {
    fn of(v: u64) -> Self {
        &TABLE[(v % 8) as usize]
    }
    fn number(&self) -> u64 {
        **self
    }
}

/// What has to arrive when 1 to n are sent.
pub fn expected<M: Message>(n: u64) -> u64 {
    (1..=n).map(|v| M::of(v).number()).sum()
}

/// The payloads that there are.
pub fn is_known(payload: &str) -> bool {
    matches!(payload, "8" | "32" | "512" | "pointer")
}

/// Calls the first function for messages of 8 bytes, and the second one with the type of another
/// payload: all the work for all the types would take minutes to compile.
macro_rules! with_message {
    ($job:expr, $channel:ident, $all:ident, $stream:ident($($arg:expr),*)) => {
        match $job.payload.as_str() {
            "8" => $all::<$channel>($($arg),*),
            "32" => $stream::<[u64; 4], $channel>($($arg),*),
            "512" => $stream::<[u64; 64], $channel>($($arg),*),
            _ => $stream::<&'static u64, $channel>($($arg),*),
        }
    };
}
pub(crate) use with_message;
