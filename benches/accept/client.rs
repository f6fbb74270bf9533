//! A client that hands in attachments over one connection.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A client with its connection.
pub struct Client {
    stream: TcpStream,
    door: SocketAddr,
    heard: Vec<u8>,
}

impl Client {
    /// Connects.
    pub async fn connect(door: SocketAddr) -> Self {
        let stream = TcpStream::connect(door).await.expect("the door is open");
        stream.set_nodelay(true).expect("it is a TCP connection");
        Self {
            stream,
            door,
            heard: Vec::new(),
        }
    }

    /// Hands in one attachment and waits until it is taken.
    pub async fn hand_in(&mut self, number: usize) {
        let body = submission(number);
        let mut request = format!(
            "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: {}\r\nContent-Type: application/fhir+json\r\n\
             Content-Length: {}\r\n\r\n",
            self.door,
            body.len()
        );
        request.push_str(&body);
        let sent = self.stream.write_all(request.as_bytes()).await;
        sent.expect("the gateway takes the request");
        self.heard.clear();
        while !self.is_whole() {
            let read = self.stream.read_buf(&mut self.heard).await;
            assert!(
                read.expect("the gateway answers") > 0,
                "the gateway answers whole"
            );
        }
        let text = String::from_utf8_lossy(&self.heard);
        assert!(text.starts_with("HTTP/1.1 200 "), "the gateway takes it: {text}");
    }

    fn is_whole(&self) -> bool {
        let text = String::from_utf8_lossy(&self.heard);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        length.is_some_and(|length| length.parse() == Ok(body.len()))
    }
}

/// What is handed in: 4 KiB of text in all.
fn submission(number: usize) -> String {
    let data = format!("{number:08}").repeat(364);
    format!(
        r#"{{"resourceType":"Parameters","parameter":[
{{"name":"TrackingId","valueIdentifier":{{"value":"TRK-{number:08}"}}}},
{{"name":"AttachTo","valueCode":"claim"}},
{{"name":"PayerId","valueIdentifier":{{"value":"60601"}}}},
{{"name":"OrganizationId","valueIdentifier":{{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}}}},
{{"name":"ProviderId","valueIdentifier":{{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}}}},
{{"name":"MemberId","valueIdentifier":{{"value":"HP{number:08}"}}}},
{{"name":"ServiceDate","valueDateTime":"2026-11-03"}},
{{"name":"Attachment","part":[
{{"name":"Code","valueCodeableConcept":{{"coding":[{{"system":"http://loinc.org","code":"11504-8"}}]}}}},
{{"name":"Content","resource":{{"resourceType":"DocumentReference","status":"current",
"type":{{"coding":[{{"system":"http://loinc.org","code":"11504-8"}}]}},
"subject":{{"identifier":{{"value":"HP0042117"}}}},"date":"2026-11-03T10:00:00-05:00",
"content":[{{"attachment":{{"contentType":"text/plain","data":"{data}"}}}}]}}}}]}},
{{"name":"Final","valueBoolean":true}}]}}"#
    )
}
