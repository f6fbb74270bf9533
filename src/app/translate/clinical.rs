//! C-CDA documents as the command line translates them.

use std::error::Error;
use std::path::Path;

use crate::mapping::Digest;
use crate::mapping::ccda::Mapping;
use crate::translate::ccda::Converter;
use crate::translate::ccda::Narrative;
use crate::translate::ccda::Options;
use crate::translate::ccda::Outcome;
use crate::translate::ccda::Product;
use crate::translate::ccda::UsCore;

/// The shape of the Bundle that a C-CDA document becomes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Shape {
    /// Of a C-CDA document: the shape of the Bundle
    #[arg(long, value_name = "SHAPE", default_value = "document", value_parser = ["document", "collection", "attachment"])]
    product: String,
    /// Of a C-CDA document: the US Core version whose profiles are claimed
    #[arg(long, value_name = "VERSION", default_value = "6.1.0", value_parser = ["3.1.1", "6.1.0", "7.0.0"])]
    us_core: String,
    /// Of a C-CDA document: how much narrative is kept
    #[arg(long, value_name = "HOW-MUCH", default_value = "section", value_parser = ["full", "section", "none"])]
    narrative: String,
}

/// Converts documents.
pub(crate) struct Clinic {
    /// The rules of a folder; those of the program if absent.
    own: Option<Box<Converter>>,
    options: Options,
}

impl Clinic {
    /// Converts into `shape`, by the rules of the program or of a folder.
    ///
    /// # Errors
    /// Says what is wrong with the rules of the folder.
    pub(crate) fn new(shape: &Shape, folder: Option<&Path>) -> Result<Self, String> {
        Ok(Self {
            own: folder.map(load).transpose()?.map(Box::new),
            options: shape.options(),
        })
    }

    /// Converts a document; with its lineage if that is wanted.
    ///
    /// # Errors
    /// If it is no C-CDA document or more than the limits allow.
    pub(crate) fn convert(&self, document: &[u8], lineage: bool) -> Result<Outcome, crate::ccda::Refusal> {
        let options = Options {
            lineage,
            ..self.options
        };
        self.converter().convert(document, &options)
    }

    /// Converts a document into its Bundle, without the work of reporting.
    ///
    /// # Errors
    /// As [`Clinic::convert`].
    pub(crate) fn bundle(&self, document: &[u8]) -> Result<String, crate::ccda::Refusal> {
        self.converter().bundle(document, &self.options)
    }

    /// The digest of the tables that it follows.
    pub(crate) fn hash(&self) -> Digest {
        self.converter().hash()
    }

    fn converter(&self) -> &Converter {
        self.own.as_deref().unwrap_or_else(|| Converter::embedded())
    }
}

/// Loads the rules of a folder.
///
/// # Errors
/// Says what is wrong with them.
pub(crate) fn load(folder: &Path) -> Result<Converter, String> {
    let mapping = Mapping::from_folder(folder).map_err(|fault| with_causes(&fault))?;
    Converter::new(mapping).map_err(|fault| fault.to_string())
}

fn with_causes(fault: &dyn Error) -> String {
    match fault.source() {
        None => fault.to_string(),
        Some(cause) => format!("{fault}: {}", with_causes(cause)),
    }
}

impl Shape {
    fn options(&self) -> Options {
        Options {
            product: match &*self.product {
                "collection" => Product::Collection,
                "attachment" => Product::Attachment,
                _ => Product::Document,
            },
            us_core: match &*self.us_core {
                "3.1.1" => UsCore::V3_1_1,
                "7.0.0" => UsCore::V7_0_0,
                _ => UsCore::V6_1_0,
            },
            narrative: match &*self.narrative {
                "full" => Narrative::Full,
                "none" => Narrative::None,
                _ => Narrative::Section,
            },
            ..Options::default()
        }
    }
}
