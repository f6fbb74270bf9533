//! C-CDA to FHIR R4: a document in, a Bundle out, and nothing of it silently lost.
//!
//! ```
//! use cartage::translate::ccda::Converter;
//! use cartage::translate::ccda::Options;
//!
//! let document = br#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/></ClinicalDocument>"#;
//! let outcome = Converter::embedded().convert(document, &Options::default())?;
//! assert!(outcome.bundle.starts_with(r#"{"resourceType":"Bundle""#));
//! # Ok::<(), cartage::ccda::Refusal>(())
//! ```

mod bundle;
mod conversion;
mod header;
mod identity;
mod json;
mod lineage;
mod make;
mod narrative;
mod note;
mod options;
mod participants;
mod patient;
mod provenance;
mod remainder;
mod rows;
mod rules;
mod sections;
mod special;
mod statements;
mod types;
mod ucum;

use std::sync::LazyLock;

pub use self::lineage::Leaf;
pub use self::options::Narrative;
pub use self::options::Options;
pub use self::options::Product;
pub use self::options::UsCore;
pub use self::remainder::LeftBehind;
pub use self::remainder::Reason;
pub use self::rules::RuleFault;

use self::conversion::Conversion;
use self::rules::Rules;
use crate::base::finding::Finding;
use crate::ccda::Refusal;
use crate::ccda::Tree;
use crate::mapping::Digest;
use crate::mapping::ccda::Mapping;

/// The rules of a mapping, ready to convert documents.
pub struct Converter {
    rules: Rules,
    hash: Digest,
}

/// What became of a document.
pub struct Outcome {
    /// The Bundle as JSON.
    pub bundle: String,
    /// What was odd, in the order of the document; no values.
    pub notes: Vec<Finding>,
    /// Coded statements that reached no resource, in the order of the document; no values.
    pub left_behind: Vec<LeftBehind>,
    /// Where each value came from, if that was asked for.
    pub lineage: Vec<Leaf>,
}

static EMBEDDED: LazyLock<Converter> = LazyLock::new(|| {
    let mapping = Mapping::embedded().expect("the embedded mapping loads: a test of it says so");
    Converter::new(mapping).expect("the embedded mapping compiles: a test of it says so")
});

impl Converter {
    /// A converter that follows `mapping`.
    ///
    /// # Errors
    /// Says which row of the mapping makes no sense.
    pub fn new(mapping: Mapping) -> Result<Self, RuleFault> {
        let hash = mapping.hash;
        Ok(Self {
            rules: Rules::new(mapping)?,
            hash,
        })
    }

    /// The digest of the tables that it follows.
    pub const fn hash(&self) -> Digest {
        self.hash
    }

    /// The converter that came with the program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Converts the document in `bytes`.
    ///
    /// # Errors
    /// Only if it is no C-CDA document or more than the limits allow; an odd entry is noted instead.
    pub fn convert(&self, bytes: &[u8], options: &Options) -> Result<Outcome, Refusal> {
        let tree = Tree::read_clinical_document(bytes, &options.limits)?;
        let mut conversion = self.run(&tree, bytes, *options);
        let bundle = conversion.bundle();
        let lineage = conversion
            .w
            .trail
            .take()
            .map_or_else(Vec::new, |trail| trail.leaves(&tree, &conversion.places()));
        conversion.look_back();
        let mut notes = std::mem::take(&mut conversion.notes);
        notes.sort_by_key(|noted| noted.node);
        Ok(Outcome {
            bundle,
            notes: notes.into_iter().map(|noted| noted.finding(&tree)).collect(),
            left_behind: conversion.left_behind(),
            lineage,
        })
    }

    /// Converts the document in `bytes` and gives the Bundle only, without the work of reporting.
    ///
    /// # Errors
    /// As [`Converter::convert`].
    pub fn bundle(&self, bytes: &[u8], options: &Options) -> Result<String, Refusal> {
        let tree = Tree::read_clinical_document(bytes, &options.limits)?;
        Ok(self.run(&tree, bytes, *options).bundle())
    }

    fn run<'t>(&'t self, tree: &'t Tree<'t>, bytes: &[u8], options: Options) -> Conversion<'t> {
        let mut conversion = Conversion::new(tree, &self.rules, options);
        conversion.document(bytes);
        conversion
    }
}
