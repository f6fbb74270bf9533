//! Partners: what routing needs to know of them, and what is agreed with each.

use std::path::PathBuf;
use std::time::Duration;

use super::Look;
use super::companion;
use super::secret;
use super::texts;
use crate::base::ids::Npi;
use crate::base::ids::PayerId;
use crate::base::ids::Tin;
use crate::config::document::Document;
use crate::config::quantity::Url;
use crate::config::report::Report;
use crate::config::settings::Agreement;
use crate::config::settings::Auth;
use crate::config::settings::Delivery;
use crate::config::settings::Fetch;
use crate::config::settings::Fhir;
use crate::config::settings::Retry;
use crate::config::settings::Role;
use crate::config::settings::Settings;
use crate::config::settings::Weighs;
use crate::config::settings::X12;
use crate::config::shape::partner::DEADLINES;
use crate::config::shape::partner::DELIVER;
use crate::config::shape::partner::FETCH;
use crate::config::shape::partner::FHIR;
use crate::config::shape::partner::RETRY;
use crate::config::shape::partner::X12 as X12_SHAPE;
use crate::config::tree::Table;
use crate::flow::settings::Takes;
use crate::routing::guide;
use crate::routing::key::Message;
use crate::routing::partner::FhirAbilities;
use crate::routing::partner::Partner;
use crate::routing::partner::Speaks;
use crate::routing::value::IsaId;
use crate::routing::value::application_id;

/// All partners, in the order in which they stand in the tree.
pub(super) fn all(document: &Document, report: &mut Report) -> (Vec<Agreement>, Vec<Partner>) {
    let mut agreements = Vec::new();
    let mut of_routing = Vec::new();
    for (entry, table) in document.tree.named("partner") {
        let agreement = agreement(&entry.name, table, document, report);
        of_routing.push(partner(&agreement, table));
        agreements.push(agreement);
    }
    (agreements, of_routing)
}

fn agreement(name: &str, table: &Table, document: &Document, report: &mut Report) -> Agreement {
    let retry = Look::at(table.table("retry"), &RETRY);
    let deadlines = Look::at(table.table("deadlines"), &DEADLINES);
    let x12 = table.table("x12").and_then(|of_x12| {
        let mut x12 = x12(of_x12)?;
        if let Some(file) = of_x12
            .text("rules")
            .and_then(|name| document.companions.get(name))
        {
            x12.rules = companion::rules(file, &x12.guides, report);
        }
        Some(x12)
    });
    Agreement {
        name: name.to_owned(),
        role: match table.text("role") {
            Some("payer") => Role::Payer,
            Some("provider") => Role::Provider,
            _ => Role::Hub,
        },
        x12,
        fhir: table.table("fhir").map(fhir),
        fetch: fetch(table.table("fetch")),
        deliver: table.table("deliver").and_then(delivery),
        ca: table
            .find_path("tls.ca")
            .and_then(|node| node.text())
            .map(PathBuf::from),
        auth: table.table("auth").and_then(auth),
        token: table
            .find_path("known-by.token")
            .and_then(|node| secret(node.table()?)),
        tls_name: table
            .find_path("known-by.tls-name")
            .and_then(|node| node.text())
            .map(str::to_owned),
        retry: Retry {
            first: retry.duration("first").unwrap_or_default(),
            up_to: retry.duration("up-to").unwrap_or_default(),
            in_all: retry.duration("for").unwrap_or_default(),
        },
        ack_within: deadlines.duration("ack").unwrap_or_default(),
        answer_within: deadlines.duration("answer").unwrap_or_default(),
    }
}

fn partner(agreement: &Agreement, table: &Table) -> Partner {
    let speaks = match (table.text("speaks"), &agreement.x12, &agreement.fhir) {
        (Some("fhir"), _, fhir) => Speaks::Fhir(fhir.as_ref().map(abilities).unwrap_or_default()),
        (Some("x12"), Some(x12), _) => Speaks::X12 {
            messages: Settings::messages_of(&x12.guides),
        },
        // What it speaks was refused or is missing, and told; nothing more is to be told of it for that.
        _ => Speaks::X12 {
            messages: Message::ALL.to_vec(),
        },
    };
    Partner {
        name: agreement.name.as_str().into(),
        payer_ids: identifiers(table, "payer-ids", |text| PayerId::parse(text).ok()),
        npis: identifiers(table, "npi", |text| Npi::parse(text).ok()),
        tins: identifiers(table, "tin", |text| Tin::parse(text).ok()),
        isa: agreement.x12.as_ref().map(|x12| x12.isa.clone()),
        gs: agreement.x12.as_ref().map(|x12| x12.gs.as_str().into()),
        speaks,
    }
}

fn identifiers<T>(table: &Table, name: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
    table
        .each(name)
        .iter()
        .filter_map(|node| parse(node.text()?))
        .collect()
}

const fn abilities(fhir: &Fhir) -> FhirAbilities {
    FhirAbilities {
        server: fhir.url.is_some(),
        tasks: fhir.tasks,
        query: fhir.query,
        hosted: fhir.hosted,
    }
}

fn x12(table: &Table) -> Option<X12> {
    let look = Look::at(Some(table), &X12_SHAPE);
    let isa = IsaId::parse(look.text("isa")?).ok()?;
    let weights = [
        ("reject", Weighs::Reject),
        ("accept-with-errors", Weighs::AcceptWithErrors),
        ("accept", Weighs::Accept),
    ];
    let severity = table.table("severity").map_or(Vec::new(), |severity| {
        let of_weight = |(name, weight)| texts(severity, name).into_iter().map(move |code| (code, weight));
        weights.into_iter().flat_map(of_weight).collect()
    });
    let gs = look.text("gs").and_then(application_id);
    Some(X12 {
        gs: gs.unwrap_or(isa.id()).to_owned(),
        isa,
        guides: look
            .strings("guides")
            .iter()
            .filter_map(|id| guide::find(id))
            .map(|guide| guide.id)
            .collect(),
        takes: takes(look),
        repair: look.flag("repair"),
        severity,
        rules: Vec::new(),
    })
}

fn fhir(table: &Table) -> Fhir {
    let look = Look::at(Some(table), &FHIR);
    Fhir {
        url: look.url("url"),
        tasks: look.text("attachments") == Some("task"),
        query: look.flag("query"),
        hosted: look.flag("hosted"),
        cdex: look.string("cdex").unwrap_or_default(),
        us_core: look.string("us-core").unwrap_or_default(),
        takes: takes(look),
    }
}

fn fetch(table: Option<&Table>) -> Fetch {
    let look = Look::at(table, &FETCH);
    Fetch {
        from: look
            .strings("from")
            .iter()
            .filter_map(|text| Url::parse(text).ok())
            .collect(),
        most: look.size("max-size").unwrap_or_default(),
        within: look.duration("within").unwrap_or_default().min(LONGEST_FETCH),
    }
}

/// How long a submission waits at most for its contents: those that are there already would be taken for forgotten.
const LONGEST_FETCH: Duration = Duration::from_mins(10);

fn takes(look: Look<'_>) -> Takes {
    Takes {
        largest: look.size("max-attachment"),
        most: look.number("max-attachments"),
        media_types: look.strings("media-types"),
    }
}

fn delivery(table: &Table) -> Option<Delivery> {
    let look = Look::at(Some(table), &DELIVER);
    if let Some(url) = look.url("core") {
        return Some(Delivery::Core {
            url,
            realtime: look.text("mode") == Some("realtime"),
        });
    }
    let name = look
        .string("name")
        .unwrap_or_else(|| "{message}-{control}.edi".to_owned());
    Some(Delivery::Folder {
        path: look.path("folder")?,
        name,
    })
}

fn auth(table: &Table) -> Option<Auth> {
    if let Some(bearer) = table.table("bearer") {
        return secret(bearer).map(Auth::Bearer);
    }
    if let Some(mtls) = table.table("mtls") {
        return Some(Auth::Mtls {
            cert: PathBuf::from(mtls.text("cert")?),
            key: secret(mtls.table("key")?)?,
        });
    }
    let smart = table.table("smart-backend")?;
    Some(Auth::SmartBackend {
        client_id: smart.text("client-id")?.to_owned(),
        key: secret(smart.table("key")?)?,
        scopes: texts(smart, "scopes"),
        token_url: smart.text("token-url").and_then(|text| Url::parse(text).ok()),
    })
}
