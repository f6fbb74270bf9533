//! Reads TOML tables key by key, keeps every place, and collects all complaints instead of stopping at the first.

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use super::problem::Problems;

/// A text of a file and the byte where it begins.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Located {
    pub(super) text: String,
    pub(super) at: usize,
}

/// A value that a constant may have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Integer(String),
    Boolean(bool),
    /// Members in the order of the file.
    Table(Vec<(Located, Literal)>),
    List(Vec<Literal>),
}

/// The keys of one table that were asked for so far.
pub(super) struct Fields<'t> {
    table: &'t DeTable<'t>,
    pub(super) at: usize,
    asked: Vec<&'static str>,
}

/// The tables of a file, or nothing if it is no TOML at all.
pub(super) fn parse<'t>(text: &'t str, problems: &mut Problems<'_>) -> Option<Spanned<DeTable<'t>>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        problems.at(at, format!("not TOML: {}", error.message()));
    }
    errors.is_empty().then_some(table)
}

impl<'t> Fields<'t> {
    pub(super) const fn new(table: &'t DeTable<'t>, at: usize) -> Self {
        Self {
            table,
            at,
            asked: Vec::new(),
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the value of a key begins, or else the table.
    pub(super) fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    pub(super) fn text(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<Located> {
        let value = self.value(key)?;
        let found = located(value);
        if found.is_none() {
            problems.at(value.span().start, format!("{key} is a text"));
        }
        found
    }

    pub(super) fn required(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Located {
        if !self.has(key) {
            self.asked.push(key);
            problems.at(self.at, format!("{key} is missing"));
        }
        self.text(key, problems).unwrap_or_default()
    }

    /// A text or a list of texts.
    pub(super) fn texts(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Vec<Located> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let single = std::slice::from_ref(value);
        let items = value.get_ref().as_array().map(|items| items.iter().as_slice());
        for item in items.unwrap_or(single) {
            match located(item) {
                Some(text) => found.push(text),
                None => problems.at(item.span().start, format!("{key} is a text or a list of texts")),
            }
        }
        found
    }

    pub(super) fn flag(&mut self, key: &'static str, problems: &mut Problems<'_>) -> bool {
        let Some(value) = self.value(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            problems.at(value.span().start, format!("{key} is true or false"));
            false
        })
    }

    pub(super) fn literal(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<Literal> {
        let value = self.value(key)?;
        literal(value, problems)
    }

    /// The tables of a list `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Vec<Fields<'t>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        match value.get_ref().as_array() {
            Some(items) => {
                for item in items {
                    match item.get_ref().as_table() {
                        Some(table) => found.push(Fields::new(table, item.span().start)),
                        None => problems.at(item.span().start, format!("{key} is a list of tables")),
                    }
                }
            }
            None => problems.at(value.span().start, format!("{key} is a list of tables")),
        }
        found
    }

    /// The table `[key]`.
    pub(super) fn table(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<Fields<'t>> {
        let value = self.value(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            problems.at(value.span().start, format!("{key} is a table"));
        }
        table.map(|table| Fields::new(table, value.span().start))
    }

    /// Every key with its text, for tables whose keys are free; in the order of the file.
    pub(super) fn pairs(&mut self, problems: &mut Problems<'_>) -> Vec<(Located, Located)> {
        let mut found = Vec::new();
        for (key, value) in self.table {
            let at = key.span().start;
            let name = Located {
                text: key.get_ref().to_string(),
                at,
            };
            match located(value) {
                Some(text) => found.push((name, text)),
                None => problems.at(value.span().start, format!("{} is a text", key.get_ref())),
            }
        }
        found.sort_by_key(|(key, _)| key.at);
        found
    }

    /// Complains of keys that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems<'_>) {
        for key in self.table.keys() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let mut known = self.asked.clone();
                known.sort_unstable();
                let known = known.join(", ");
                let message = format!("there is no key {} here; there are {known}", key.get_ref());
                problems.at(key.span().start, message);
            }
        }
    }
}

fn located(value: &Spanned<DeValue<'_>>) -> Option<Located> {
    // The text begins behind its quotation mark; where it has escapes the column is off by their length.
    value.get_ref().as_str().map(|text| Located {
        text: text.to_owned(),
        at: value.span().start + 1,
    })
}

fn literal(value: &Spanned<DeValue<'_>>, problems: &mut Problems<'_>) -> Option<Literal> {
    match value.get_ref() {
        DeValue::String(text) => Some(Literal::Text(text.to_string())),
        DeValue::Boolean(flag) => Some(Literal::Boolean(*flag)),
        DeValue::Integer(number) if number.radix() == 10 => {
            Some(Literal::Integer(number.as_str().to_owned()))
        }
        DeValue::Table(table) => {
            let mut members: Vec<(Located, Literal)> = Vec::new();
            for (key, value) in table {
                let name = Located {
                    text: key.get_ref().to_string(),
                    at: key.span().start,
                };
                members.push((name, literal(value, problems)?));
            }
            members.sort_by_key(|(key, _)| key.at);
            Some(Literal::Table(members))
        }
        DeValue::Array(items) => {
            let items = items.iter().map(|item| literal(item, problems));
            items.collect::<Option<Vec<Literal>>>().map(Literal::List)
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
            let message = "a value is a text, a decimal integer, true or false, or a table or list of those";
            problems.at(value.span().start, message);
            None
        }
    }
}
