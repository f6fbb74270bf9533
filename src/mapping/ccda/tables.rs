//! The code tables of the mapping, `mappings/codes/ccda-*.csv`.

use std::collections::HashMap;

use super::MappingFault;

/// A table of two columns: what is found in the source, what it becomes.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    rows: HashMap<Box<str>, Box<str>>,
}

impl Pairs {
    /// What `from` becomes.
    pub fn find(&self, from: &str) -> Option<&str> {
        self.rows.get(from).map(|to| &**to)
    }

    /// All rows, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(|(from, to)| (&**from, &**to))
    }
}

/// The tables of codes, identifiers and units.
#[derive(Clone, Debug, Default)]
pub struct CodeTables {
    /// OIDs of code systems and their URIs.
    pub systems: Pairs,
    /// Names that vendors write instead of an OID, in lower case, and URIs.
    pub system_names: Pairs,
    /// OIDs that are no code systems: the check that a code has to pass (`any`, `nucc`, `sct`), a blank, and the URI.
    pub system_repairs: Pairs,
    /// Roots of identifiers and their URIs.
    pub identifiers: Pairs,
    /// Units that are no UCUM, and the UCUM code that is meant.
    pub units: Pairs,
    /// Tables of values, by name.
    pub values: HashMap<Box<str>, Pairs>,
}

impl CodeTables {
    /// What `code` becomes in the table of values called `table`.
    pub fn value(&self, table: &str, code: &str) -> Option<&str> {
        self.values.get(table)?.find(code)
    }

    pub(super) fn load(
        read: &impl Fn(&str, &str) -> Result<String, MappingFault>,
    ) -> Result<Self, MappingFault> {
        let pairs = |name: &str, embedded: &str| -> Result<Pairs, MappingFault> {
            let mut pairs = Pairs::default();
            for [from, to] in rows::<2>(name, &read(name, embedded)?)? {
                pairs.rows.insert(from, to);
            }
            Ok(pairs)
        };
        macro_rules! table {
            ($name:literal) => {
                (
                    concat!("codes/", $name),
                    include_str!(concat!("../../../mappings/codes/", $name)),
                )
            };
        }
        let of = |(name, embedded)| pairs(name, embedded);
        let (name, embedded) = table!("ccda-values.csv");
        let mut values: HashMap<Box<str>, Pairs> = HashMap::new();
        for [table, from, to] in rows::<3>(name, &read(name, embedded)?)? {
            values.entry(table).or_default().rows.insert(from, to);
        }
        Ok(Self {
            systems: of(table!("ccda-systems.csv"))?,
            system_names: of(table!("ccda-system-names.csv"))?,
            system_repairs: of(table!("ccda-system-repairs.csv"))?,
            identifiers: of(table!("ccda-identifiers.csv"))?,
            units: of(table!("ccda-units.csv"))?,
            values,
        })
    }
}

/// The first `N` columns of each row after the head; further columns are remarks.
fn rows<const N: usize>(name: &str, text: &str) -> Result<Vec<[Box<str>; N]>, MappingFault> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|source| MappingFault::Codes {
            file: name.to_owned(),
            source,
        })?;
        rows.push(std::array::from_fn(|column| {
            record.get(column).unwrap_or_default().into()
        }));
    }
    Ok(rows)
}
