//! G06: whether the files, folders, certificates and addresses around the gateway are as the configuration says.

use super::Code;
use super::Weight::Error;
use super::Weight::Warning;

pub use super::partner_server::FHIR_VERSION;
pub use super::partner_server::NO_ANSWER;
pub use super::partner_server::NO_STATEMENT;
pub use super::partner_server::NO_SUBMISSIONS;
pub use super::partner_server::NO_TASKS;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[
    &NO_FILE,
    &CERTIFICATE,
    &KEY_MISMATCH,
    &OUT_OF_DATE,
    &EXPIRES_SOON,
    &CHAIN,
    &SAME_FOLDER,
    &SAME_ADDRESS,
    &ADDRESS_TAKEN,
    &OPEN_SECRET,
    &NO_VARIABLE,
    &NO_FOLDER,
    &NO_ANSWER,
    &NO_STATEMENT,
    &FHIR_VERSION,
    &NO_TASKS,
    &NO_SUBMISSIONS,
];

/// A file that is not there.
pub static NO_FILE: Code = Code {
    number: 601,
    weight: Error,
    title: "a file that is named here cannot be read",
    meaning: "The file does not exist or may not be read by whoever runs the check. Names are relative to the folder of the \
              main file. `--offline` leaves such checks out, for machines that have the configuration only.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { file = "secrets/acme.tokn" } }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { file = "secrets/acme.token" } }
"#,
};

/// A file that holds no certificate or key.
pub static CERTIFICATE: Code = Code {
    number: 602,
    weight: Error,
    title: "a certificate or key cannot be read",
    meaning: "A certificate file is PEM: one or more blocks that begin with BEGIN CERTIFICATE. A key file holds one block: \
              BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY, not encrypted.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.key", key = { file = "certs/server.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/server.key" } }
"#,
};

/// A key that belongs to another certificate.
pub static KEY_MISMATCH: Code = Code {
    number: 603,
    weight: Error,
    title: "the key does not belong to the certificate",
    meaning: "The public key in the certificate is not that of the key file: usually one of the two was renewed and the \
              other was not. The first certificate of the file is the one that counts.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/last-years.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/server.key" } }
"#,
};

/// A certificate outside its time.
pub static OUT_OF_DATE: Code = Code {
    number: 604,
    weight: Error,
    title: "a certificate is not valid today",
    meaning: "It has expired, or its time has not begun; partners refuse it either way. The message has the day.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/last-year.pem", key = { file = "certs/last-year.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/server.key" } }
"#,
};

/// A certificate in its last month.
pub static EXPIRES_SOON: Code = Code {
    number: 605,
    weight: Warning,
    title: "a certificate expires within 30 days",
    meaning: "Renew it before its day; `cartage reload` takes the new one up without closing a connection.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/expiring.pem", key = { file = "certs/expiring.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/renewed.pem", key = { file = "certs/renewed.key" } }
"#,
};

/// A chain out of order.
pub static CHAIN: Code = Code {
    number: 606,
    weight: Error,
    title: "the certificates of a file are no chain",
    meaning: "The file holds our own certificate first, then that of its issuer, then that of the issuer's issuer. Here one \
              is followed by a certificate that did not issue it, or that may not issue any.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/issuer-first.pem", key = { file = "certs/server.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server-first.pem", key = { file = "certs/server.key" } }
"#,
};

/// A folder that is filled and emptied by us.
pub static SAME_FOLDER: Code = Code {
    number: 607,
    weight: Error,
    title: "one folder is read and written, or read twice",
    meaning: "What is delivered into a folder that is also watched comes back in and is delivered again, for ever; a folder \
              watched by two doors gives each file to one of them by chance.",
    bad: r#"
[listen.legacy]
kind = "folder"
path = "exchange"

[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "exchange/" }
"#,
    good: r#"
[listen.legacy]
kind = "folder"
path = "exchange/from-them"

[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "exchange/to-them" }
"#,
};

/// Two doors at one address.
pub static SAME_ADDRESS: Code = Code {
    number: 608,
    weight: Error,
    title: "two of them listen at one address",
    meaning: "A port of an address belongs to one door, to the console or to the metrics. 0.0.0.0 and [::] are every \
              address of the machine, so they share no port with any other.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "127.0.0.1:8443"

[listen.core]
kind    = "core"
address = "127.0.0.1:8443"
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "127.0.0.1:8444"

[listen.core]
kind    = "core"
address = "127.0.0.1:8443"
"#,
};

/// An address that cannot be listened at.
pub static ADDRESS_TAKEN: Code = Code {
    number: 609,
    weight: Warning,
    title: "nobody can listen at this address just now",
    meaning: "Another program listens there, the address is not one of this machine, or the port needs more rights. If a \
              gateway is running from this configuration, that program is the gateway and all is well.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "192.0.2.1:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/server.key" } }
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
tls     = { cert = "certs/server.pem", key = { file = "certs/server.key" } }
"#,
};

/// A secret that others may read.
pub static OPEN_SECRET: Code = Code {
    number: 610,
    weight: Warning,
    title: "others may read the file of a secret",
    meaning: "The file of a secret belongs to the user that the gateway runs as, and nobody else may read it: \
              chmod 600 FILE.",
    bad: r#"
# secrets/acme.token may be read by everybody (mode 0644)
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { file = "secrets/acme.token" } }
"#,
    good: r#"
# secrets/acme.token may be read by its owner only (mode 0600)
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { file = "secrets/acme.token" } }
"#,
};

/// A secret that is not in the environment.
pub static NO_VARIABLE: Code = Code {
    number: 611,
    weight: Error,
    title: "a secret is not in the environment",
    meaning: "The variable that holds the secret is not set, or it is empty, where the check runs. `--offline` leaves such \
              checks out.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { env = "ACME_TOKN" } }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { env = "ACME_TOKEN" } }
"#,
};

/// A folder that is not there.
pub static NO_FOLDER: Code = Code {
    number: 612,
    weight: Error,
    title: "a folder does not exist",
    meaning: "A folder that is watched or delivered to must exist before the gateway starts: it is somebody else's, so we \
              do not make one where they will not look.",
    bad: r#"
[listen.legacy]
kind = "folder"
path = "/srv/legacy/uot"
"#,
    good: r#"
[listen.legacy]
kind = "folder"
path = "/srv/legacy/out"
"#,
};
