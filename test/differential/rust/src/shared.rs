//! Methods that are the same text for several libraries, whose types and errors have the
//! names of std's. A macro expands where it is used, with the names that are imported there.

/// What every handle has: itself as any value.
macro_rules! any {
    () => {
        fn any(&self) -> &dyn std::any::Any {
            self
        }
    };
}

/// A clone, in a box of the trait.
macro_rules! dup {
    ($side:ident) => {
        fn dup(&self) -> Option<Box<dyn $side>> {
            Some(Box::new(self.clone()))
        }
    };
}

/// Whether two handles are of one channel.
macro_rules! same {
    ($side:ident) => {
        fn same(&self, other: &dyn $side) -> String {
            other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
        }
    };
}

macro_rules! down {
    () => {
        fn down(&self) -> Option<Box<dyn Weak>> {
            Some(Box::new(self.downgrade()))
        }
    };
}

/// The weak handles of one side, Tx or Rx.
macro_rules! weak {
    ($side:ident: $($weak:ident),+) => {
        $(impl Weak for $weak<Msg> {
            fn up(&self) -> Option<Strong> {
                self.upgrade().map(|handle| Strong::$side(Box::new(handle)))
            }
        })+
    };
}

/// A try to send, where an error of the given name says that the channel is disconnected.
macro_rules! try_send {
    ($closed:ident) => {
        fn try_send(&self, m: Msg) -> String {
            match <Self>::try_send(self, m) {
                Ok(()) => "ok".into(),
                Err(TrySendError::Full(m)) => failed("full", m),
                Err(TrySendError::$closed(m)) => failed("closed", m),
            }
        }
    };
}

macro_rules! try_recv {
    ($closed:ident) => {
        fn try_recv(&self) -> String {
            match <Self>::try_recv(self) {
                Ok(m) => value(m),
                Err(TryRecvError::Empty) => "empty".into(),
                Err(TryRecvError::$closed) => "closed".into(),
            }
        }
    };
}

macro_rules! send_timeout {
    () => {
        fn send_timeout(&self, m: Msg, d: Duration) -> String {
            match <Self>::send_timeout(self, m, d) {
                Ok(()) => "ok".into(),
                Err(SendTimeoutError::Timeout(m)) => failed("timeout", m),
                Err(SendTimeoutError::Disconnected(m)) => failed("closed", m),
            }
        }
    };
}

/// Receives that block, with and without a timeout.
macro_rules! blocking_recv {
    () => {
        fn recv_blocking(&self) -> String {
            received(<Self>::recv(self))
        }
        fn recv_timeout(&self, d: Duration) -> String {
            match <Self>::recv_timeout(self, d) {
                Ok(m) => value(m),
                Err(RecvTimeoutError::Timeout) => "timeout".into(),
                Err(RecvTimeoutError::Disconnected) => "closed".into(),
            }
        }
    };
}

/// Questions that both sides answer: length and capacity, and those that are listed, each by
/// its name in the trace.
macro_rules! ask {
    ($capacity:expr; $($name:literal $question:ident),*) => {
        fn ask(&self) -> String {
            let capacity: fn(&Self) -> Option<usize> = $capacity;
            let mut text = format!(
                "len={} empty={} full={} cap={}",
                self.len(),
                self.is_empty(),
                self.is_full(),
                capacity(self).map_or("none".into(), |n| n.to_string())
            );
            let more: &[(&str, String)] = &[$(($name, self.$question().to_string())),*];
            more.iter().for_each(|(name, answer)| text += &format!(" {name}={answer}"));
            text
        }
    };
}
