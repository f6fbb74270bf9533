//! Asks the servers of partners what they are, a few at a time and not for ever.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::timeout_at;

use super::statement;
use crate::app::configuration::Found;
use crate::app::serve::Fault;
use crate::app::serve::dialing::Dialing;
use crate::base::clock::SystemClock;
use crate::config::check::servers;
use crate::config::check::servers::Answer;
use crate::config::check::servers::Language;
use crate::config::check::servers::Server;
use crate::config::settings;
use crate::config::settings::Auth;
use crate::config::source::Disk;
use crate::trust::secret::Secret;
use crate::trust::secret::SecretPlace;
use crate::trust::tls::Identity;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;
use crate::upstream::inquiry::Inquiry;
use crate::upstream::limits::Limits;
use crate::upstream::web::WebAddress;

/// How many partners were asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Asked {
    /// They have an address of their own.
    pub(super) partners: usize,
    /// They were not asked, because asking took too long on the whole.
    pub(super) left: usize,
    /// They were not asked, because their addresses are such as examples have.
    pub(super) examples: usize,
}

/// One server, and whose it is: several partners may be behind one.
struct Inquest {
    server: Result<Errand, Answer>,
    partners: Vec<usize>,
}

/// What is needed to ask one server.
struct Errand {
    address: WebAddress,
    bearer: Option<Secret>,
    speaks: Language,
}

/// Asks all partners that have a server, and adds what is wrong to the report.
pub(super) fn ask(found: &mut Found) -> io::Result<Asked> {
    let dialing = Dialing::default();
    let inquests = inquests(found, &dialing);
    let total: usize = inquests.iter().map(|inquest| inquest.partners.len()).sum();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answers = runtime.block_on(answers(inquests));
    // A look-up of a name cannot be broken off, and nobody waits for it any more.
    runtime.shutdown_background();
    servers::judge(&mut found.checked, &answers);
    Ok(Asked {
        partners: answers.len(),
        left: total - answers.len(),
        examples: servers::examples(&found.checked),
    })
}

/// Each server once, however many partners are behind it.
fn inquests(found: &Found, dialing: &Dialing) -> Vec<Inquest> {
    let mut known: HashMap<(&str, String), usize> = HashMap::new();
    let mut all: Vec<Inquest> = Vec::new();
    for server in servers::servers(&found.checked) {
        // The proof of who we are is part of the question; its Debug says where secrets are, not what they are.
        let agreed = server.agreement;
        let key = (server.url.as_str(), format!("{:?} {:?}", agreed.auth, agreed.ca));
        let position = *known.entry(key).or_insert(all.len());
        match all.get_mut(position) {
            Some(inquest) => inquest.partners.push(server.partner),
            None => all.push(Inquest {
                server: errand(&server, &found.disk, dialing),
                partners: vec![server.partner],
            }),
        }
    }
    all
}

fn errand(server: &Server<'_>, disk: &Disk, dialing: &Dialing) -> Result<Errand, Answer> {
    let place = |secret: &settings::Secret| match secret {
        settings::Secret::File(file) => SecretPlace::File(disk.path(&file.to_string_lossy())),
        settings::Secret::Variable(name) => SecretPlace::Variable(name.clone()),
    };
    let (mut identity, mut bearer) = (None, None);
    match &server.agreement.auth {
        Some(Auth::Mtls { cert, key }) => {
            identity = Some(Identity {
                cert: disk.path(&cert.to_string_lossy()),
                key: place(key),
            });
        }
        // What is wrong with a secret was told before; a server may describe itself to anybody.
        Some(Auth::Bearer(secret)) => bearer = place(secret).read().ok(),
        None | Some(Auth::SmartBackend { .. }) => {}
    }
    let ca = server.agreement.ca.as_ref();
    let ca = ca.map(|path| disk.path(&path.to_string_lossy()));
    let address = dialing.address(&server.agreement.name, ca, identity, server.url.as_str());
    Ok(Errand {
        address: address.map_err(|fault: Fault| Answer::Silent(fault.told()))?,
        bearer,
        speaks: server.speaks,
    })
}

/// Asks a few at a time; whoever has not been asked when the time is over is not asked any more.
async fn answers(inquests: Vec<Inquest>) -> Vec<(usize, Answer)> {
    let inquiry = Arc::new(Inquiry::new(LIMITS, Arc::new(SystemClock::start())));
    let end = Instant::now() + IN_ALL;
    let mut waiting = inquests.into_iter();
    let mut under_way = JoinSet::new();
    let mut answers = Vec::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(Inquest { server, partners }) = waiting.next()
        {
            let inquiry = Arc::clone(&inquiry);
            under_way.spawn(async move {
                let answer = match server {
                    Ok(errand) => asked(&inquiry, &errand).await,
                    Err(answer) => answer,
                };
                (partners, answer)
            });
        }
        let Ok(Some(done)) = timeout_at(end, under_way.join_next()).await else {
            return answers;
        };
        // A question that broke down is as good as none.
        if let Ok((partners, answer)) = done {
            answers.extend(partners.into_iter().map(|partner| (partner, answer.clone())));
        }
    }
}

async fn asked(inquiry: &Inquiry, errand: &Errand) -> Answer {
    match errand.speaks {
        Language::X12 => match inquiry.reach(&errand.address).await {
            Ok(()) => Answer::Taken,
            Err(trouble) => of_trouble(trouble),
        },
        Language::Fhir => match inquiry.metadata(&errand.address, errand.bearer.as_ref()).await {
            Attempt::Answered {
                status: 200, body, ..
            } => statement::read(&body),
            Attempt::Answered { status, .. } => {
                Answer::Foreign(format!("`metadata` is answered with status {status}"))
            }
            Attempt::Failed { trouble, .. } => of_trouble(trouble),
            // That is what folders say.
            Attempt::Placed => Answer::Taken,
        },
    }
}

/// What went wrong, as an operator is told it.
fn of_trouble(trouble: Trouble) -> Answer {
    let silent = |why: &str| Answer::Silent(why.to_owned());
    match trouble {
        Trouble::NoSuchHost => silent("the name of the host leads nowhere"),
        Trouble::NoConnection => silent("nobody takes a connection there"),
        Trouble::Tls => silent("TLS could not be agreed on: a certificate is not trusted, theirs or ours"),
        Trouble::ConnectSlow => silent("a connection took too long to make"),
        Trouble::AnswerSlow | Trouble::Stalled => silent("the answer took too long"),
        Trouble::Cut => silent("the connection was cut before the answer was whole"),
        Trouble::Framing | Trouble::Garbled => Answer::Foreign("what it says is no sound HTTP".to_owned()),
        Trouble::ReplyTooLong => Answer::Foreign("its `metadata` is longer than 8 MiB".to_owned()),
        Trouble::NoAddress | Trouble::Folder | Trouble::Unreadable | Trouble::Unsuited => {
            silent("the address or the token cannot stand in a request")
        }
    }
}

/// How patient we are with one server.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(3),
    stall: Duration::from_secs(3),
    answer: Duration::from_secs(5),
    slowest: 64 * 1024,
    longest: Duration::from_secs(10),
    idle: Duration::from_secs(1),
    idle_most: 1,
};

/// So many are asked at a time.
const AT_ONCE: usize = 16;

/// How long asking may take on the whole.
const IN_ALL: Duration = Duration::from_mins(1);
