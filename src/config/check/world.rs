//! Looks around: whether the files, folders, certificates, secrets and addresses are as the configuration says.

use std::env;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::time::SystemTime;

use super::Checked;
use super::certificate;
use super::certificate::Certificate;
use super::certificate::PublicHalf;
use super::certificate::Unreadable;
use super::doors;
use crate::config::code;
use crate::config::quantity::Day;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::source::Disk;
use crate::config::source::Origin;
use crate::config::source::Spot;
use crate::config::source::why_unreadable;
use crate::config::tree::Node;
use crate::config::tree::Table;

/// Looks around from the folder of the main file, and adds what is wrong to the report.
pub fn look_around(checked: &mut Checked, disk: &Disk, now: SystemTime) {
    let mut report = Report::default();
    let mut around = Around {
        disk,
        now: certificate::seconds(now),
        report: &mut report,
    };
    let tree = &checked.document.tree;
    for (_, door) in tree.named("listen") {
        around.door(door);
    }
    for (_, partner) in tree.named("partner") {
        around.partner(partner);
    }
    around.rest(tree);
    around.addresses(tree);
    for complaint in report.complaints() {
        checked.report.add(complaint.clone());
    }
    checked.report.settle(&checked.document.files);
}

/// What is needed for looking around.
struct Around<'a> {
    disk: &'a Disk,
    /// Seconds since 1970.
    now: u64,
    report: &'a mut Report,
}

impl Around<'_> {
    fn door(&mut self, door: &Table) {
        if let Some(tls) = door.table("tls") {
            self.pair(tls);
            self.issuers(tls.find("client-ca"));
            self.lists(tls.find("crl"));
        }
        for name in ["path", "archive", "errors"] {
            if let Some(node) = door.find(name) {
                self.folder(node);
            }
        }
    }

    fn partner(&mut self, partner: &Table) {
        if let Some(node) = partner.find_path("deliver.folder") {
            self.folder(node);
        }
        if let Some(mtls) = partner.find_path("auth.mtls").and_then(Node::table) {
            self.pair(mtls);
        }
        self.issuers(partner.find_path("tls.ca"));
        for path in ["auth.smart-backend.key", "auth.bearer", "known-by.token"] {
            if let Some(secret) = partner.find_path(path).and_then(Node::table) {
                self.secret(secret);
            }
        }
    }

    fn rest(&mut self, tree: &Table) {
        if let Some(secret) = tree.find_path("console.sign-in.token").and_then(Node::table) {
            self.secret(secret);
        }
        if let Some(node) = tree.find_path("gateway.mappings-dir") {
            self.folder(node);
        }
        if let Some(node) = tree.find_path("observe.audit.file")
            && let Some(folder) = node.text().and_then(|name| Path::new(name).parent())
        {
            self.folder_at(&folder.display().to_string(), node.origin);
        }
    }

    fn folder(&mut self, node: &Node) {
        if let Some(name) = node.text() {
            self.folder_at(name, node.origin);
        }
    }

    fn folder_at(&mut self, name: &str, origin: Origin) {
        let here = self.disk.path(name);
        if !name.is_empty() && !here.is_dir() {
            let what = if here.exists() {
                "is not a folder"
            } else {
                "does not exist"
            };
            let complaint = Complaint::new(
                &code::world::NO_FOLDER,
                origin,
                format!("the folder `{name}` {what}"),
            );
            self.complain(complaint, "");
        }
    }

    /// Certificates that others are issued by.
    fn issuers(&mut self, node: Option<&Node>) {
        if let Some(node) = node
            && let Some(issuers) = self.certificates(node)
        {
            self.days(node, &issuers);
        }
    }

    /// Lists of certificates that were taken back.
    fn lists(&mut self, node: Option<&Node>) {
        let Some((node, name)) = node.and_then(|node| Some((node, node.text()?))) else {
            return;
        };
        if let Some(bytes) = self.file(name, node.origin)
            && let Err(fault) = certificate::lists(&bytes)
        {
            self.unreadable(
                node.origin,
                &format!("`{name}` holds no list of revoked certificates"),
                fault,
            );
        }
    }

    /// A certificate and its key.
    fn pair(&mut self, table: &Table) {
        let chain = table.find("cert").and_then(|node| {
            let chain = self.certificates(node)?;
            self.chain(node, &chain);
            self.days(node, &chain);
            Some((node.text().unwrap_or_default(), chain))
        });
        let Some(secret) = table.table("key") else { return };
        let Some(bytes) = self.secret(secret) else { return };
        let origin = secret.find("file").map_or(secret.origin, |node| node.origin);
        match (certificate::key(&bytes), chain) {
            (Err(fault), _) => self.unreadable(origin, "the key cannot be read", fault),
            (Ok(PublicHalf::Told(key)), Some((name, chain)))
                if chain.first().is_some_and(|own| own.key != key) =>
            {
                let text = format!("the key does not belong to the certificate `{name}`");
                self.complain(Complaint::new(&code::world::KEY_MISMATCH, origin, text), "");
            }
            (Ok(_), _) => {}
        }
    }

    fn certificates(&mut self, node: &Node) -> Option<Vec<Certificate>> {
        let name = node.text()?;
        let bytes = self.file(name, node.origin)?;
        match certificate::certificates(&bytes) {
            Ok(certificates) => Some(certificates),
            Err(fault) => {
                self.unreadable(node.origin, &format!("`{name}` holds no certificate"), fault);
                None
            }
        }
    }

    /// Each certificate was issued by the next, and that one may issue.
    fn chain(&mut self, node: &Node, chain: &[Certificate]) {
        for (number, (own, issuer)) in (1..).zip(chain.iter().zip(chain.iter().skip(1))) {
            let why = if own.issuer != issuer.subject {
                format!("certificate {} did not issue certificate {number}", number + 1)
            } else if issuer.may_issue == Some(false) {
                format!("certificate {} may not issue any", number + 1)
            } else {
                continue;
            };
            let text = format!(
                "the certificates of `{}` are no chain",
                node.text().unwrap_or_default()
            );
            self.complain(Complaint::new(&code::world::CHAIN, node.origin, text), &why);
            return;
        }
    }

    fn days(&mut self, node: &Node, certificates: &[Certificate]) {
        for (number, certificate) in (1..).zip(certificates) {
            let which = if certificates.len() > 1 {
                format!("certificate {number} of this file")
            } else {
                "this certificate".to_owned()
            };
            let day = |seconds: u64| Day::after_epoch(seconds / 86_400);
            let left = certificate.not_after.saturating_sub(self.now) / 86_400;
            let complaint = if certificate.not_after < self.now {
                let text = format!("{which} expired on {}", day(certificate.not_after));
                Complaint::new(&code::world::OUT_OF_DATE, node.origin, text)
            } else if certificate.not_before > self.now {
                let text = format!("{which} is not valid before {}", day(certificate.not_before));
                Complaint::new(&code::world::OUT_OF_DATE, node.origin, text)
            } else if left < 30 {
                let text = format!(
                    "{which} expires on {}, in {left} days",
                    day(certificate.not_after)
                );
                Complaint::new(&code::world::EXPIRES_SOON, node.origin, text)
            } else {
                continue;
            };
            self.complain(complaint, "");
        }
    }

    /// The bytes of a secret, wherever it is kept.
    fn secret(&mut self, secret: &Table) -> Option<Vec<u8>> {
        if let Some(node) = secret.find("env") {
            let name = node.text()?;
            let value = env::var_os(name).filter(|value| !value.is_empty());
            if value.is_none() {
                let text = format!("the variable `{name}` is not set here");
                self.complain(Complaint::new(&code::world::NO_VARIABLE, node.origin, text), "");
            }
            return value
                .and_then(|value| value.into_string().ok())
                .map(String::into_bytes);
        }
        let node = secret.find("file")?;
        let name = node.text()?;
        let bytes = self.file(name, node.origin)?;
        if others_may_read(&self.disk.path(name)) {
            let text = format!("others may read the secret in `{name}`");
            let complaint = Complaint::new(&code::world::OPEN_SECRET, node.origin, text);
            self.complain(complaint.help(format!("chmod 600 {name}")), "");
        }
        Some(bytes)
    }

    fn file(&mut self, name: &str, origin: Origin) -> Option<Vec<u8>> {
        match fs::read(self.disk.path(name)) {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                let complaint =
                    Complaint::new(&code::world::NO_FILE, origin, format!("`{name}` cannot be read"));
                self.complain(complaint, &why_unreadable(&fault));
                None
            }
        }
    }

    fn addresses(&mut self, tree: &Table) {
        for (address, origin, what) in doors::addresses(tree) {
            if let Err(fault) = TcpListener::bind(address) {
                let text = format!("{what} could not listen at {address} just now");
                let complaint = Complaint::new(&code::world::ADDRESS_TAKEN, origin, text);
                self.complain(complaint.why(why_closed(&fault)), "");
            }
        }
    }

    fn unreadable(&mut self, origin: Origin, text: &str, fault: Unreadable) {
        self.complain(
            Complaint::new(&code::world::CERTIFICATE, origin, text),
            fault.spoken(),
        );
    }

    /// Shows the spot in a text; in a sheet the label becomes a note.
    fn complain(&mut self, complaint: Complaint, label: &str) {
        let in_sheet = complaint
            .places
            .first()
            .is_some_and(|origin| matches!(origin.spot, Spot::Cell { .. }));
        self.report.add(match (in_sheet, label) {
            (true, "") => complaint,
            (true, label) => complaint.why(label),
            (false, label) => complaint.spot(label),
        });
    }
}

/// Why nobody can listen at an address, in words that are the same on every machine where that is possible.
fn why_closed(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::AddrInUse => {
            "somebody listens there; if that is the gateway itself, all is well".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "it is not an address of this machine".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "the port needs more rights than whoever runs this check has".to_owned()
        }
        _ => fault.to_string(),
    }
}

/// Whether anybody but the owner may read a file.
#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    fs::metadata(path).is_ok_and(|about| about.mode() & 0o077 != 0)
}

/// Whether anybody but the owner may read a file; other systems say this in other ways.
#[cfg(not(unix))]
fn others_may_read(_path: &Path) -> bool {
    false
}
