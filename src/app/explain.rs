//! `cartage explain`: where a message would go, and why.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value as Json;
use serde_json::json;

use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::config::check::examples;
use crate::config::code;
use crate::config::explain::Explanation;
use crate::config::explain::Step;
use crate::config::explain::explain;
use crate::config::report::Report;
use crate::flow;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::value::Value;

/// Explain where a message would go, and why.
///
/// The message is a file, or what the options say of it; options are added to what is in a file. Options that may be
/// given several times: --provider-npi, --tin, --loinc.
/// Exit code: 0 routed, 1 the configuration cannot be used, 2 wrong use of this command, 3 parked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file with an X12 message, or a FHIR Task or Parameters as JSON; - for standard input
    #[arg(value_name = "MESSAGE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
    /// Explain a [[test]] of the configuration, by its name or the beginning of it
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    test: Option<String>,
    /// List every route, however many there are
    #[arg(long)]
    all: bool,
    /// One JSON object a message for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    said: Said,
}

/// What is said of a message on the command line.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the message says")]
struct Said {
    /// 277, 275, 278, task, submit-attachment, fhir-read, fhir-search or ack
    #[arg(long, value_name = "KIND")]
    message: Option<String>,
    /// Guide or profile version, such as 006020X314
    #[arg(long)]
    version: Option<String>,
    /// Partner that sent it
    #[arg(long, value_name = "PARTNER")]
    from: Option<String>,
    /// Door it came through
    #[arg(long, value_name = "DOOR")]
    listener: Option<String>,
    /// Interchange sender, such as ZZ:ABC
    #[arg(long, value_name = "ID")]
    isa_sender: Option<String>,
    /// Interchange receiver, such as ZZ:ABC
    #[arg(long, value_name = "ID")]
    isa_receiver: Option<String>,
    /// Application sender
    #[arg(long, value_name = "ID")]
    gs_sender: Option<String>,
    /// Application receiver
    #[arg(long, value_name = "ID")]
    gs_receiver: Option<String>,
    /// Payer
    #[arg(long, value_name = "ID")]
    payer_id: Option<String>,
    /// Submitting organisation
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Rendering provider
    #[arg(long, value_name = "NPI")]
    provider_npi: Vec<String>,
    /// Document asked for or attached
    #[arg(long, value_name = "CODE")]
    loinc: Vec<String>,
    /// Tax id of a provider
    #[arg(long)]
    tin: Vec<String>,
    /// claim or preauthorization
    #[arg(long, value_name = "USE")]
    attach_to: Option<String>,
    /// true or false: whether it says that it answers a request
    #[arg(long, value_name = "FLAG")]
    solicited: Option<String>,
    /// FHIR type of a read or search
    #[arg(long, value_name = "TYPE")]
    resource: Option<String>,
    /// Partner that the path of a read or search names
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// It answers a request that we carried
    #[arg(long, value_name = "open", value_parser = ["open"])]
    conversation: Option<String>,
}

impl Said {
    fn values(&self, key: Key) -> Vec<&str> {
        fn one(value: Option<&String>) -> Vec<&str> {
            value.into_iter().map(String::as_str).collect()
        }
        fn several(values: &[String]) -> Vec<&str> {
            values.iter().map(String::as_str).collect()
        }
        match key {
            Key::Message => one(self.message.as_ref()),
            Key::Version => one(self.version.as_ref()),
            Key::From => one(self.from.as_ref()),
            Key::Listener => one(self.listener.as_ref()),
            Key::IsaSender => one(self.isa_sender.as_ref()),
            Key::IsaReceiver => one(self.isa_receiver.as_ref()),
            Key::GsSender => one(self.gs_sender.as_ref()),
            Key::GsReceiver => one(self.gs_receiver.as_ref()),
            Key::PayerId => one(self.payer_id.as_ref()),
            Key::Organization => one(self.organization.as_ref()),
            Key::ProviderNpi => several(&self.provider_npi),
            Key::Tin => several(&self.tin),
            Key::Loinc => several(&self.loinc),
            Key::AttachTo => one(self.attach_to.as_ref()),
            Key::Solicited => one(self.solicited.as_ref()),
            Key::Resource => one(self.resource.as_ref()),
        }
    }

    /// Adds everything that is said to what is known; the answer is what cannot be a value, if something cannot.
    fn add_to(&self, facts: &mut Facts) -> Result<(), String> {
        for key in Key::ALL {
            for text in self.values(key) {
                let value = Value::read(key, text).map_err(|_| match key.words() {
                    Some(words) => format!("--{key} {text}: one of {}", words.join(", ")),
                    None => format!("--{key} {text}: not a value that {key} can have"),
                })?;
                facts.add(key, value, Source::Given(text.into()));
            }
        }
        if self.conversation.is_some() {
            facts.in_conversation(Conversation::Open(None));
        }
        if let Some(partner) = &self.partner {
            facts.for_partner(partner);
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        Key::ALL.into_iter().all(|key| self.values(key).is_empty()) && self.conversation.is_none()
    }
}

/// Explains each message.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    if args.file.is_none() && args.test.is_none() && args.said.is_empty() {
        return complain(
            "say what the message is: a FILE, --test NAME, or options such as --message 275 --payer-id 60054",
        );
    }
    let found = args.config.find();
    let report = &found.checked.report;
    if !can_decide(report) {
        write!(out, "{}", found.complaints(out.palette()))?;
        writeln!(
            out,
            "\n{}: nothing is explained before this is mended",
            found.name()
        )?;
        return Ok(Ending::Finding);
    }
    if report.errors() > 0 {
        let errors = super::check::count(report.errors(), "error");
        writeln!(
            io::stderr().lock(),
            "{}: {errors}; `cartage check` tells more",
            found.name()
        )?;
    }
    let mut messages = match messages(args, &found) {
        Ok(messages) => messages,
        Err(why) => return complain(&why),
    };
    let mut ending = Ending::Good;
    let several = messages.len() > 1;
    for (number, facts) in (1..).zip(&mut messages) {
        if let Err(why) = args.said.add_to(facts) {
            return complain(&why);
        }
        found.checked.table.partners().recognise(facts);
        let explanation = explain(&found.checked, facts, args.all);
        if args.json {
            writeln!(out, "{}", as_json(number, &explanation))?;
        } else {
            if several {
                let title = out.style(Style::Strong, format!("message {number}"));
                writeln!(out, "{}{title}", if number > 1 { "\n" } else { "" })?;
            }
            write!(out, "{}", explanation.render())?;
        }
        if !explanation.routed {
            ending = Ending::Parked;
        }
    }
    Ok(ending)
}

/// Whether all routes and partners are known: what else is wrong does not change where a message would go, and is often
/// what one wants explained.
fn can_decide(report: &Report) -> bool {
    let unknown = code::route::NO_SUCH_PARTNER.number;
    !report.leaves_gaps()
        && !report
            .complaints()
            .iter()
            .any(|complaint| complaint.code.number == unknown)
}

fn messages(args: &Args, found: &Found) -> Result<Vec<Facts>, String> {
    if let Some(name) = &args.test {
        let tree = &found.checked.document.tree;
        let at = examples::find(tree, name).ok_or_else(|| {
            let names: Vec<&str> = tree
                .several("test")
                .filter_map(|test| test.text("name"))
                .collect();
            format!(
                "no test, or more than one, is called {name:?}; there are: {}",
                names.join("; ")
            )
        })?;
        let samples = examples::samples(tree, &found.checked.table, &found.disk, &mut Report::default());
        return Ok(samples.into_iter().nth(at).unwrap_or_default());
    }
    let Some(path) = &args.file else {
        return Ok(vec![Facts::default()]);
    };
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = read.map_err(|fault| format!("{}: {fault}", path.display()))?;
    let messages = flow::facts::read(&bytes);
    if messages.is_empty() {
        return Err(format!(
            "{}: neither X12 with a transaction, nor a FHIR Task or Parameters",
            path.display()
        ));
    }
    Ok(messages)
}

/// Says what was wrong with the command line.
fn complain(why: &str) -> io::Result<Ending> {
    writeln!(io::stderr().lock(), "cartage explain: {why}")?;
    Ok(Ending::Usage)
}

fn as_json(number: usize, explanation: &Explanation) -> Json {
    let step = |step: &Step| json!({ "decides": step.decides, "why": step.why });
    let facts: Vec<Json> = explanation
        .facts
        .iter()
        .map(|[key, value, source]| json!({ "key": key, "value": value, "source": source }))
        .collect();
    let routes: Vec<Json> = explanation
        .routes
        .iter()
        .map(|(number, name, found)| json!({ "number": number, "name": name, "decides": found.decides, "why": found.why }))
        .collect();
    json!({
        "message": number,
        "facts": facts,
        "remarks": explanation.remarks,
        "conversation": step(&explanation.conversation),
        "routes": routes,
        "routes-not-listed": explanation.unlike,
        "addressee": explanation.addressee.as_ref().map(step),
        "routed": explanation.routed,
        "result": explanation.result,
    })
}
