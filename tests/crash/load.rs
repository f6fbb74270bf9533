//! What the provider hands in, and what it is told.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

/// The tracking number of a key.
pub(crate) fn tracking(key: u64) -> String {
    format!("TRK-{key:06}")
}

/// The attachment of a key, in base 64: short ones stay in their entry, some go to the log, few have a segment of their
/// own. Every one differs from all others.
pub(crate) fn attachment(key: u64) -> String {
    let groups = match key % 20 {
        0 => 80_000,
        1..=3 => 5_000,
        _ => 400,
    };
    // Four digits of base 64 stand for three octets, so any run of groups is the text of something.
    format!("{key:08}").repeat(groups / 2)
}

/// What is posted for a key.
pub(crate) fn submission(key: u64) -> Vec<u8> {
    let npi = |name: &str| json!({"name": name, "valueIdentifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}});
    let code = json!({"coding": [{"system": "http://loinc.org", "code": "11504-8"}]});
    let document = json!({
        "resourceType": "DocumentReference", "status": "current", "type": code,
        "subject": {"identifier": {"value": "HP0042117"}}, "date": "2026-11-03T10:00:00-05:00",
        "content": [{"attachment": {"contentType": "text/plain", "data": attachment(key)}}],
    });
    let parameters = json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "TrackingId", "valueIdentifier": {"value": tracking(key)}},
            {"name": "AttachTo", "valueCode": "claim"},
            {"name": "PayerId", "valueIdentifier": {"value": "60601"}},
            npi("OrganizationId"), npi("ProviderId"),
            {"name": "MemberId", "valueIdentifier": {"value": "HP0042117"}},
            {"name": "ServiceDate", "valueDateTime": "2026-11-03"},
            {"name": "Attachment", "part": [
                {"name": "Code", "valueCodeableConcept": code},
                {"name": "Content", "resource": document},
            ]},
            {"name": "Final", "valueBoolean": true},
        ],
    });
    parameters.to_string().into_bytes()
}

/// Posts what a key hands in; the status and the body of the answer, if all of it came.
pub(crate) fn post(door: SocketAddr, key: u64) -> io::Result<(u16, Vec<u8>)> {
    let body = submission(key);
    let mut stream = TcpStream::connect(door)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let head = format!(
        "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: {door}\r\nConnection: close\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said)?;
    understand(&said).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// An answer that is whole.
fn understand(said: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = said.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(said.get(..end)?).ok()?.to_ascii_lowercase();
    let body = said.get(end + 4..)?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (length.parse() == Ok(body.len())).then(|| (status, body.to_vec()))
}
