//! The messages of `messages` in the X12 of 5010.

use super::messages;

/// A 277 of Olden Plan that asks the provider with this NPI for one document.
pub(crate) fn request(control: u32, tracking: &str, npi: &str) -> String {
    older(&messages::request(control, tracking, npi))
        .replace("HARBORPLAN     ", "OLDENPLAN      ")
        .replace("HARBORPLAN", "OLDENPLAN")
        .replace("*PI*60601~", "*PI*50501~")
}

/// A 275 of East Clinic; `kind` is 11 for one that answers a request, 02 for one that nobody asked for.
pub(crate) fn attachment(
    control: u32,
    kind: &str,
    tracking: &str,
    payer: &str,
    npi: &str,
    content: &str,
) -> String {
    let length = content.len();
    let newer = format!("~OOI*1*47*ATTACHMENT~BDS*B64*{length}*{content}~");
    let text = messages::attachment(control, kind, tracking, payer, content);
    assert!(text.contains(&newer), "{text}");
    older(&text)
        .replace(&newer, &format!("~EFI*05~BIN*{length}*{content}~"))
        .replace("SOUTHCLINIC    ", "EASTCLINIC     ")
        .replace("SOUTHCLINIC", "EASTCLINIC")
        .replace("*XX*1245319599~", &format!("*XX*{npi}~"))
}

fn older(text: &str) -> String {
    text.replace("*00602*", "*00501*")
        .replace("006020X313", "005010X213")
        .replace("006020X314", "005010X210")
        .replace("~REF*X1*", "~REF*EJ*")
}
