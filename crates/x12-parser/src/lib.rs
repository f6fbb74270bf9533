//! X12 syntax and structure: bytes to segments, envelopes and findings.
