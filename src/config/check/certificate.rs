//! What an operator wants to know of certificates and keys before they are used: pair, chain, days.
//!
//! This reads just enough of X.509 and PKCS to compare and to warn. It verifies no signature and decides on no trust:
//! that is the business of TLS, with the library for it, when a connection is made.

mod der;
mod pem;

use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use self::der::Der;
use self::der::Tag;
use crate::config::quantity::Day;

/// A certificate, as far as it is of interest here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// Who it is for, as it stands in the certificate.
    pub subject: Vec<u8>,
    /// Who issued it.
    pub issuer: Vec<u8>,
    /// The first second at which it is valid, counted from 1970.
    pub not_before: u64,
    /// The last one.
    pub not_after: u64,
    /// The key that it speaks for.
    pub key: PublicKey,
    /// Whether it may issue others; nothing where it does not say.
    pub may_issue: Option<bool>,
}

/// A public key, in a form that can be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicKey {
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
    /// A point on a curve, or whatever bits the algorithm has.
    Bits(Vec<u8>),
}

/// The public half of a private key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicHalf {
    /// The file holds it too.
    Told(PublicKey),
    /// The file does not, and nothing is computed here.
    Untold,
}

/// Why a file is not what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unreadable {
    /// There is no PEM block of that kind in it.
    NoBlock,
    /// A block is not base64, or ends nowhere.
    BrokenBlock,
    /// A block does not hold what it says.
    BrokenContent,
    /// The key is encrypted.
    Encrypted,
}

impl Unreadable {
    /// The fault in words.
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::NoBlock => "there is no such PEM block in it",
            Self::BrokenBlock => "a PEM block in it is damaged",
            Self::BrokenContent => "a PEM block in it does not hold what it says",
            Self::Encrypted => {
                "the key is encrypted; store it without a passphrase, readable by the gateway only"
            }
        }
    }
}

/// The certificates of a PEM file, in their order.
///
/// # Errors
/// Says why there are none, or why one cannot be read.
pub fn certificates(file: &[u8]) -> Result<Vec<Certificate>, Unreadable> {
    let blocks = pem::blocks(file).ok_or(Unreadable::BrokenBlock)?;
    let certificates: Vec<_> = blocks
        .iter()
        .filter(|block| block.label == "CERTIFICATE")
        .collect();
    if certificates.is_empty() {
        return Err(Unreadable::NoBlock);
    }
    let read = |block: &&pem::Block| certificate(&block.content).ok_or(Unreadable::BrokenContent);
    certificates.iter().map(read).collect()
}

/// Sees to it that there is a list of revoked certificates in a PEM file. What is in it is read where it is used.
///
/// # Errors
/// Says why there is none.
pub fn lists(file: &[u8]) -> Result<(), Unreadable> {
    let blocks = pem::blocks(file).ok_or(Unreadable::BrokenBlock)?;
    let mut lists = blocks.iter().filter(|block| block.label == "X509 CRL");
    lists.next().map(|_| ()).ok_or(Unreadable::NoBlock)
}

/// The public half of the key in a PEM file.
///
/// # Errors
/// Says why there is no key, or why it cannot be read.
pub fn key(file: &[u8]) -> Result<PublicHalf, Unreadable> {
    let blocks = pem::blocks(file).ok_or(Unreadable::BrokenBlock)?;
    let block = blocks
        .iter()
        .find(|block| block.label.ends_with("PRIVATE KEY"))
        .ok_or(Unreadable::NoBlock)?;
    if block.label.starts_with("ENCRYPTED") || block.is_encrypted {
        return Err(Unreadable::Encrypted);
    }
    let public = match block.label.as_str() {
        "RSA PRIVATE KEY" => rsa_key(&block.content),
        "EC PRIVATE KEY" => ec_key(&block.content),
        "PRIVATE KEY" => pkcs8_key(&block.content),
        _ => return Err(Unreadable::NoBlock),
    };
    public.ok_or(Unreadable::BrokenContent)
}

/// RFC 5280, section 4.1: the fields of a certificate, in their order.
fn certificate(content: &[u8]) -> Option<Certificate> {
    let mut outer = Der::of(content).enter(Tag::SEQUENCE)?;
    let mut fields = outer.enter(Tag::SEQUENCE)?;
    fields.skip_if(Tag::context(0));
    fields.take(Tag::INTEGER)?;
    fields.take(Tag::SEQUENCE)?;
    let issuer = fields.whole(Tag::SEQUENCE)?.to_vec();
    let mut validity = fields.enter(Tag::SEQUENCE)?;
    let not_before = moment(&mut validity)?;
    let not_after = moment(&mut validity)?;
    let subject = fields.whole(Tag::SEQUENCE)?.to_vec();
    let key = subject_key(fields.enter(Tag::SEQUENCE)?)?;
    fields.skip_if(Tag::plain_context(1));
    fields.skip_if(Tag::plain_context(2));
    let may_issue = fields
        .enter(Tag::context(3))
        .and_then(|mut extensions| basic_constraints(extensions.enter(Tag::SEQUENCE)?));
    Some(Certificate {
        subject,
        issuer,
        not_before,
        not_after,
        key,
        may_issue,
    })
}

fn subject_key(mut info: Der<'_>) -> Option<PublicKey> {
    let mut algorithm = info.enter(Tag::SEQUENCE)?;
    let is_rsa = algorithm.take(Tag::OBJECT)? == RSA;
    let bits = info.bits()?;
    if !is_rsa {
        return Some(PublicKey::Bits(bits.to_vec()));
    }
    let mut key = Der::of(bits).enter(Tag::SEQUENCE)?;
    Some(PublicKey::Rsa(
        key.take(Tag::INTEGER)?.to_vec(),
        key.take(Tag::INTEGER)?.to_vec(),
    ))
}

/// Whether the extension that says so lets a certificate issue others.
fn basic_constraints(mut extensions: Der<'_>) -> Option<bool> {
    while let Some(mut extension) = extensions.enter(Tag::SEQUENCE) {
        if extension.take(Tag::OBJECT)? != BASIC_CONSTRAINTS {
            continue;
        }
        extension.skip_if(Tag::BOOLEAN);
        let mut constraints = Der::of(extension.take(Tag::OCTETS)?).enter(Tag::SEQUENCE)?;
        return Some(constraints.take(Tag::BOOLEAN).is_some_and(|value| value != [0]));
    }
    None
}

/// A time of a certificate, in seconds since 1970. Two digits of a year mean 1950 to 2049.
fn moment(fields: &mut Der<'_>) -> Option<u64> {
    let (year, rest) = if let Some(text) = fields.take(Tag::UTC_TIME) {
        let (year, rest) = text.split_at_checked(2)?;
        let year = digits(year)?;
        (if year < 50 { 2_000 + year } else { 1_900 + year }, rest)
    } else {
        let (year, rest) = fields.take(Tag::GENERALIZED_TIME)?.split_at_checked(4)?;
        (digits(year)?, rest)
    };
    let mut parts = rest.chunks(2).map(digits);
    let mut next = || parts.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let day = Day {
        year: u16::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
    };
    Some(day.since_epoch()? * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn digits(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// RFC 8017, appendix A.1.2.
fn rsa_key(content: &[u8]) -> Option<PublicHalf> {
    let mut fields = Der::of(content).enter(Tag::SEQUENCE)?;
    fields.take(Tag::INTEGER)?;
    let key = PublicKey::Rsa(
        fields.take(Tag::INTEGER)?.to_vec(),
        fields.take(Tag::INTEGER)?.to_vec(),
    );
    Some(PublicHalf::Told(key))
}

/// RFC 5915, section 3: the public key is optional.
fn ec_key(content: &[u8]) -> Option<PublicHalf> {
    let mut fields = Der::of(content).enter(Tag::SEQUENCE)?;
    fields.take(Tag::INTEGER)?;
    fields.take(Tag::OCTETS)?;
    fields.skip_if(Tag::context(0));
    Some(half(
        fields.enter(Tag::context(1)).and_then(|mut inner| inner.bits()),
    ))
}

/// The bits of a public key, if there are any.
fn half(bits: Option<&[u8]>) -> PublicHalf {
    bits.map_or(PublicHalf::Untold, |bits| {
        PublicHalf::Told(PublicKey::Bits(bits.to_vec()))
    })
}

/// RFC 5958, section 2.
fn pkcs8_key(content: &[u8]) -> Option<PublicHalf> {
    let mut fields = Der::of(content).enter(Tag::SEQUENCE)?;
    fields.take(Tag::INTEGER)?;
    let algorithm = fields.enter(Tag::SEQUENCE)?.take(Tag::OBJECT)?;
    let inner = fields.take(Tag::OCTETS)?;
    match algorithm {
        RSA => rsa_key(inner),
        EC => ec_key(inner),
        _ => {
            fields.skip_if(Tag::context(0));
            // The version with the public key has it as a bit string whose tag is implied.
            Some(half(
                fields.take(Tag::plain_context(1)).and_then(|bits| bits.get(1..)),
            ))
        }
    }
}

/// The seconds since 1970 at a moment.
pub fn seconds(moment: SystemTime) -> u64 {
    moment
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

/// 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
