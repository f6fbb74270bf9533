//! How a simulated partner misbehaves when it is told to.

/// One way to misbehave.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Fault {
    /// Waits before each answer, then says it in ten pieces with waits in between
    Slow,
    /// Refuses each second message with 503
    #[value(name = "503")]
    Unavailable,
    /// Answers with 200 and a page that is neither X12 nor FHIR
    Garbage,
    /// Sends each of its own messages twice, byte for byte
    Duplicate,
    /// A provider sends its documents one by one; a payer breaks off in the middle of each second answer
    Partial,
    /// A provider waits before it sends its documents; a payer asks for them when they are overdue
    Late,
}
