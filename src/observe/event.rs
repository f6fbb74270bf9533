//! Everything that is told.
//!
//! A field is a number, a name out of the configuration, an address of ours, or one of our own constant words.
//! Texts that exist only at run time have no place here, so nothing of a message can slip in.

use std::net::SocketAddr;
use std::time::Duration;

use crate::observe::name::ConfiguredName;
use crate::observe::name::Outgoing;

/// How much an event concerns an operator.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Weight {
    /// For whoever looks closely.
    Debug,
    /// It went as it should.
    Info,
    /// It did not, and we coped.
    Warn,
    /// Somebody must act.
    Error,
}

/// A value of a field, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
}

/// Declares the events: for each its name in the log, its weight, whether it goes into the audit file, and its fields.
macro_rules! events {
    ($($(#[$about:meta])* $event:ident = $name:literal, $weight:ident, $audited:literal {
        $($(#[$field_about:meta])* $field:ident: $type:ty,)*
    })*) => {
        /// Something that happened.
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum Event {
            $($(#[$about])* $event { $($(#[$field_about])* $field: $type,)* },)*
        }

        /// The kinds of [`Event`].
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Kind {
            $($(#[$about])* $event,)*
        }

        impl Event {
            /// What kind of event it is.
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Self::$event { .. } => Kind::$event,)*
                }
            }

            /// Its fields, in order.
            pub fn fields(&self) -> Vec<(&'static str, Value)> {
                match self {
                    $(Self::$event { $($field,)* } => vec![$((stringify!($field), $field.value()),)*],)*
                }
            }
        }

        impl Kind {
            /// All kinds, in order.
            pub const ALL: &[Self] = &[$(Self::$event,)*];

            /// Its name in the log.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$event => $name,)*
                }
            }

            /// How much it concerns an operator.
            pub const fn weight(self) -> Weight {
                match self {
                    $(Self::$event => Weight::$weight,)*
                }
            }

            /// Whether it goes into the audit file.
            pub const fn is_audited(self) -> bool {
                match self {
                    $(Self::$event => $audited,)*
                }
            }
        }
    };
}

events! {
    /// The gateway begins.
    Started = "started", Info, true {
        /// Which release.
        version: &'static str,
        /// Which state of the configuration.
        generation: u64,
    }
    /// A door is open.
    DoorOpened = "door opened", Info, true {
        /// Which.
        door: ConfiguredName,
        /// What comes through it.
        kind: &'static str,
        /// Where it listens; none for a folder.
        address: Option<SocketAddr>,
    }
    /// A door is closed.
    DoorClosed = "door closed", Info, true {
        /// Which.
        door: ConfiguredName,
    }
    /// A door could not be opened, or does not do its work.
    DoorFailed = "door failed", Error, true {
        /// Which.
        door: ConfiguredName,
        /// What went wrong.
        trouble: &'static str,
    }
    /// A message was kept and acknowledged.
    Accepted = "accepted", Info, true {
        /// By whom it was sent.
        partner: ConfiguredName,
        /// Through which door.
        door: ConfiguredName,
        /// What it is.
        message: &'static str,
        /// Its entry in the ledger.
        entry: u64,
        /// How many bytes it has.
        bytes: u64,
        /// From its first byte to the commit.
        took: Duration,
    }
    /// A message came again and was given the answer of the first time.
    Repeated = "repeated", Info, true {
        /// By whom it was sent.
        partner: ConfiguredName,
        /// Through which door.
        door: ConfiguredName,
        /// The entry of the first time.
        entry: u64,
    }
    /// A message was refused.
    Refused = "refused", Warn, true {
        /// By whom it was sent; none if that is not known.
        partner: Option<ConfiguredName>,
        /// Through which door.
        door: ConfiguredName,
        /// The code of the first reason.
        code: &'static str,
        /// The status that was answered; none where an acknowledgement in X12 says it.
        status: Option<u16>,
    }
    /// A message waits for a person.
    Parked = "parked", Error, true {
        /// By whom it was sent.
        partner: ConfiguredName,
        /// Its entry in the ledger.
        entry: u64,
        /// Why.
        code: &'static str,
    }
    /// A message was handed over.
    Delivered = "delivered", Info, true {
        /// To whom.
        partner: ConfiguredName,
        /// Which.
        outbound: Outgoing,
        /// With the how manieth attempt.
        attempt: u32,
        /// What was answered; none for a file.
        status: Option<u16>,
        /// The length of the attempt.
        took: Duration,
    }
    /// An attempt to hand a message over failed.
    Faltered = "faltered", Warn, false {
        /// To whom.
        partner: ConfiguredName,
        /// Which.
        outbound: Outgoing,
        /// The how manieth attempt.
        attempt: u32,
        /// What went wrong.
        trouble: &'static str,
        /// What was answered, if anything was.
        status: Option<u16>,
        /// The length of the attempt.
        took: Duration,
    }
    /// A message cannot be delivered and waits for a person.
    DeadLetter = "dead letter", Error, true {
        /// To whom.
        partner: ConfiguredName,
        /// Which.
        outbound: Outgoing,
        /// Why.
        code: &'static str,
    }
    /// What became of a message could not be noted; it will be sent again.
    Unsettled = "unsettled", Error, false {
        /// To whom.
        partner: ConfiguredName,
        /// Which.
        outbound: Outgoing,
    }
    /// A destination is held to be sick; one message at a time finds out whether it still is.
    LaneRests = "lane rests", Error, false {
        /// Which.
        partner: ConfiguredName,
        /// What went wrong last.
        trouble: &'static str,
    }
    /// A destination is well again.
    LaneHealed = "lane healed", Info, false {
        /// Which.
        partner: ConfiguredName,
    }
    /// The configuration was taken up.
    Reloaded = "reloaded", Info, true {
        /// Which state of it.
        generation: u64,
    }
    /// A changed configuration was not taken up.
    ReloadRefused = "reload refused", Error, true {
        /// How many things are wrong with it.
        faults: u64,
    }
    /// The ledger stores nothing, or only what makes the work less.
    LedgerTrouble = "ledger trouble", Error, true {
        /// What kind.
        code: &'static str,
    }
    /// The clock of the machine differs from the time that has passed.
    ClockDoubted = "clock doubted", Error, true {
        /// Which way: `ahead` or `behind`.
        way: &'static str,
        /// By how much.
        by: Duration,
    }
    /// The gateway takes nothing new and ends what it has begun.
    Draining = "draining", Info, true {}
    /// The gateway ends.
    Ended = "ended", Info, true {
        /// Attempts that were broken off; they will be made again.
        broken_off: u64,
    }
    /// Events were not written, because too many waited.
    EventsDropped = "events dropped", Warn, true {
        /// How many.
        count: u64,
    }
    /// Something went differently than it should for a reason that lies with us.
    Fault = "fault", Error, false {
        /// What.
        code: &'static str,
    }
}

/// What can stand in a field.
trait Field {
    fn value(&self) -> Value;
}

impl Field for u64 {
    fn value(&self) -> Value {
        Value::Number(*self)
    }
}

impl Field for u32 {
    fn value(&self) -> Value {
        Value::Number((*self).into())
    }
}

impl Field for &'static str {
    fn value(&self) -> Value {
        Value::Text((*self).to_owned())
    }
}

impl Field for ConfiguredName {
    fn value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
}

impl Field for Outgoing {
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Field for Duration {
    /// In microseconds.
    fn value(&self) -> Value {
        Value::Number(u64::try_from(self.as_micros()).unwrap_or(u64::MAX))
    }
}

impl Field for Option<ConfiguredName> {
    fn value(&self) -> Value {
        Value::Text(
            self.as_ref()
                .map_or_else(String::new, |name| name.as_str().to_owned()),
        )
    }
}

impl Field for Option<SocketAddr> {
    fn value(&self) -> Value {
        Value::Text(self.map_or_else(String::new, |address| address.to_string()))
    }
}

impl Field for Option<u16> {
    fn value(&self) -> Value {
        self.map_or_else(
            || Value::Text(String::new()),
            |number| Value::Number(number.into()),
        )
    }
}

impl Weight {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The weight of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warn, Self::Error]
            .into_iter()
            .find(|weight| weight.name() == name)
    }
}

impl Value {
    /// Whether there is nothing to write.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events_differ_and_are_plain() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|byte| byte == b' ' || byte.is_ascii_lowercase()))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }

    #[test]
    fn an_event_gives_its_fields_in_order() {
        let event = Event::Refused {
            partner: None,
            door: ConfiguredName::configured("payers"),
            code: "too-long",
            status: Some(413),
        };
        let fields = event.fields();
        assert_eq!(
            fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["partner", "door", "code", "status"]
        );
        assert!(fields[0].1.is_absent());
        assert_eq!(fields[3].1, Value::Number(413));
        assert_eq!(event.kind().weight(), Weight::Warn);
    }
}
