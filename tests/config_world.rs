//! What `check` finds when it looks around: certificates, keys, secrets, folders and addresses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use cartage::config::check::certificate;
use cartage::config::check::certificate::PublicHalf;
use cartage::config::check::certificate::Unreadable;
use cartage::config::check::check;
use cartage::config::check::world::look_around;
use cartage::config::quantity::Day;
use cartage::config::source::Disk;
use config_support::folder;
use config_support::golden;

const FRAME: &str = "config-version = 1

[gateway]
name       = \"Example\"
public-url = \"https://gateway.example\"
data-dir   = \"data\"
isa        = \"ZZ:EXAMPLE\"
usage      = \"T\"
";

fn at(year: u16, month: u8, day: u8) -> SystemTime {
    let days = Day { year, month, day }.since_epoch().unwrap();
    UNIX_EPOCH + Duration::from_hours(24 * days)
}

/// A folder of its own with the certificates in it.
fn place(name: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("world")
        .join(name);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(place.join("certs")).unwrap();
    for entry in fs::read_dir(folder("certs")).unwrap() {
        let path = entry.unwrap().path();
        let copy = place.join("certs").join(path.file_name().unwrap());
        fs::copy(&path, &copy).unwrap();
        keep_private(&copy);
    }
    place
}

#[cfg(unix)]
fn keep_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn keep_private(_path: &Path) {}

/// What is told of a configuration in a place at a moment, with the place itself left out.
fn told(place: &Path, text: &str, now: SystemTime) -> String {
    let main = place.join("gateway.toml");
    fs::write(&main, format!("{FRAME}{text}")).unwrap();
    let (disk, name) = Disk::around(&main);
    let mut checked = check(&disk, &name, Day::at(now));
    assert!(
        checked.report.complaints().is_empty(),
        "{}",
        checked.report.render(&checked.document.files)
    );
    look_around(&mut checked, &disk, now);
    let report = checked.report.render(&checked.document.files);
    report.replace(&format!("{}/", place.display()), "")
}

fn door(cert: &str, key: &str) -> String {
    format!(
        "[listen.fhir]\nkind    = \"fhir\"\naddress = \"127.0.0.1:0\"\n\
         tls     = {{ cert = \"certs/{cert}\", key = {{ file = \"certs/{key}\" }} }}\n"
    )
}

#[track_caller]
fn check_door(code: &str, cert: &str, key: &str, now: SystemTime) {
    let report = told(&place(code), &door(cert, key), now);
    golden(&folder("errors").join(format!("{code}.txt")), &report);
    assert!(report.contains(&format!("[{}]", &code[..5])), "{report}");
}

#[test]
fn a_pair_that_belongs_together_is_good() {
    for (cert, key) in [
        ("server.pem", "server.key"),
        ("server.pem", "server-sec1.key"),
        ("rsa.pem", "rsa.key"),
        ("rsa.pem", "rsa-pkcs1.key"),
        ("ed25519.pem", "ed25519.key"),
    ] {
        assert_eq!(
            told(&place("good"), &door(cert, key), at(2026, 6, 1)),
            "",
            "{cert} {key}"
        );
    }
}

#[test]
fn what_is_wrong_with_certificates_and_keys_is_told_in_these_words() {
    check_door("G0601", "missing.pem", "server.key", at(2026, 6, 1));
    check_door("G0602", "server.key", "server.key", at(2026, 6, 1));
    check_door("G0602-encrypted", "server.pem", "encrypted.key", at(2026, 6, 1));
    check_door("G0603", "server.pem", "other.key", at(2026, 6, 1));
    check_door("G0604", "expired.pem", "server.key", at(2026, 6, 1));
    check_door("G0604-early", "server.pem", "server.key", at(2025, 12, 31));
    check_door("G0605", "server.pem", "server.key", at(2026, 12, 16));
    check_door("G0606", "issuer-first.pem", "server.key", at(2026, 6, 1));
    check_door("G0606-leaf", "not-an-issuer.pem", "other.key", at(2026, 6, 1));
}

#[test]
fn every_kind_of_key_belongs_to_its_certificate_only() {
    let read = |name: &str| fs::read(folder("certs").join(name)).unwrap();
    let public = |name: &str| certificate::certificates(&read(name)).unwrap()[0].key.clone();
    for (key, own, other) in [
        ("server.key", "server.pem", "rsa.pem"),
        ("server-sec1.key", "server.pem", "ed25519.pem"),
        ("rsa.key", "rsa.pem", "server.pem"),
        ("rsa-pkcs1.key", "rsa.pem", "server.pem"),
    ] {
        let half = certificate::key(&read(key)).unwrap();
        assert_eq!(half, PublicHalf::Told(public(own)), "{key}");
        assert_ne!(half, PublicHalf::Told(public(other)), "{key}");
    }
    assert_eq!(certificate::key(&read("ed25519.key")), Ok(PublicHalf::Untold));
    assert_eq!(
        certificate::key(&read("encrypted.key")),
        Err(Unreadable::Encrypted)
    );
    assert_eq!(certificate::key(&read("server.pem")), Err(Unreadable::NoBlock));
}

#[test]
fn damaged_files_are_refused_and_stop_nothing() {
    for name in ["server.pem", "rsa.pem", "rsa.key", "server-sec1.key"] {
        let whole = fs::read(folder("certs").join(name)).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(1);
            let _ = certificate::certificates(&changed);
            let _ = certificate::key(&changed);
            let _ = certificate::certificates(&whole[..at]);
            let _ = certificate::key(&whole[..at]);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let place = place("G0610");
    fs::set_permissions(place.join("certs/server.key"), fs::Permissions::from_mode(0o644)).unwrap();
    golden(
        &folder("errors").join("G0610.txt"),
        &told(&place, &door("server.pem", "server.key"), at(2026, 6, 1)),
    );
}

#[test]
fn a_secret_that_is_not_in_the_environment_is_told() {
    let partner = |name: &str| {
        format!(
            "[partner.acme]\nrole      = \"payer\"\npayer-ids = [\"60054\"]\nspeaks    = \"fhir\"\n\
             fhir      = {{ url = \"https://acme.example/r4\" }}\nauth      = {{ bearer = {{ env = \"{name}\" }} }}\n"
        )
    };
    let report = told(
        &place("G0611"),
        &partner("CARTAGE_TEST_NO_SUCH_SECRET"),
        at(2026, 6, 1),
    );
    golden(&folder("errors").join("G0611.txt"), &report);
    assert_eq!(
        told(&place("set"), &partner("CARGO_MANIFEST_DIR"), at(2026, 6, 1)),
        ""
    );
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let place = place("G0612");
    fs::create_dir(place.join("errors")).unwrap();
    let text = "[listen.legacy]\nkind    = \"folder\"\npath    = \"from-legacy\"\nerrors  = \"errors\"\narchive = \"gateway.toml\"\n";
    golden(
        &folder("errors").join("G0612.txt"),
        &told(&place, text, at(2026, 6, 1)),
    );
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let report = told(
        &place("G0609"),
        &format!("[observe]\nmetrics = \"{address}\"\n"),
        at(2026, 6, 1),
    );
    let report = report.replace(&address.port().to_string(), "9464");
    let wide = "^".repeat(address.to_string().len() + 2);
    golden(
        &folder("errors").join("G0609.txt"),
        &report.replace(&wide, "^^^^^^^^^^^^^^^^"),
    );
}
