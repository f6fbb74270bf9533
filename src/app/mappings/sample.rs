//! The message of a test, made whole.

use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::mapping::Program;
use crate::mapping::Trial;
use crate::mapping::Variable;
use crate::mapping::program::Side;
use crate::x12;
use crate::x12::Transaction;

/// The transaction of a test; what is given without envelopes gets some.
///
/// # Errors
/// Says why it is none.
pub(super) fn transaction(program: &Program, trial: &Trial) -> Result<Transaction, String> {
    let Side::X12(frame) = &program.from else {
        return Err("the mapping reads no X12".to_owned());
    };
    let given = trial.given.trim();
    let text = if given.starts_with("ISA") {
        given.to_owned()
    } else {
        let named = Variable::named("guide");
        let named = trial
            .context
            .iter()
            .find(|(variable, _)| Some(*variable) == named);
        let usual = frame.guides.first().copied().unwrap_or_default();
        let guide = named.map_or(usual, |(_, guide)| guide.as_str());
        wrap(given, frame.name, guide)
    };
    let mut found = x12::read(text.as_bytes(), x12_parser::Settings::default());
    if found.len() > 1 {
        return Err("more than one transaction is given".to_owned());
    }
    found
        .pop()
        .ok_or_else(|| format!("what is given is no {}", frame.name))
}

fn wrap(segments: &str, set: &str, guide: &str) -> String {
    let version = guide.get(..5).unwrap_or("00602");
    let blank = " ".repeat(10);
    let end = if segments.ends_with('~') { "" } else { "~" };
    let count = segments.matches('~').count() + end.len() + 2;
    let party = |name: &str| format!("{name:<15}");
    let (sender, receiver) = (party("SENDER"), party("RECEIVER"));
    format!(
        "ISA*00*{blank}*00*{blank}*ZZ*{sender}*ZZ*{receiver}*261120*0900*^*{version}*000000001*0*T*:~\
         GS*HN*SENDER*RECEIVER*20261120*0900*1*X*{guide}~ST*{set}*0001*{guide}~{segments}{end}\
         SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    )
}

/// The resources of a test.
///
/// # Errors
/// Says that it is no JSON.
pub(super) fn resources(trial: &Trial) -> Result<Vec<&[u8]>, String> {
    let stream = Deserializer::from_str(&trial.given).into_iter::<&RawValue>();
    let texts = stream.map(|raw| raw.map(|raw| raw.get().as_bytes()));
    texts
        .collect::<Result<Vec<&[u8]>, _>>()
        .map_err(|fault| format!("what is given is no JSON: {fault}"))
}
