//! Checks the function of a row and what it writes.

use super::compiler::Compiler;
use super::compiler::Shape;
use super::compiler::append;
use super::fields::Literal;
use super::fields::Located;
use super::function::Expected;
use super::function::FUNCTIONS;
use super::function::Function;
use super::function::Part;
use super::program::ConstantLeaf;
use super::program::Target;
use super::program::TargetStep;
use super::program::TextId;
use super::row::RowText;

impl Compiler<'_> {
    /// The function of a row with its parameters.
    pub(super) fn function(&mut self, row: &RowText, scope: usize) -> Option<Function> {
        let name = match (&row.function, &row.value) {
            (Some(name), _) => name.text.as_str(),
            (None, Some(_)) => "constant",
            (None, None) => "copy",
        };
        let found = match name {
            "copy" => Function::Copy,
            "constant" => Function::Constant,
            "implied" => Function::Implied(self.expected(row, scope)?),
            "date" => Function::Date,
            "date-time" => {
                let time = row.parameters.time.as_ref();
                let time = time
                    .and_then(|time| self.leaf(time, scope))
                    .map(|(place, _)| place);
                Function::DateTime { time }
            }
            "x12-date" => Function::X12Date,
            "x12-time" => Function::X12Time,
            "lookup" => self.lookup(row)?,
            "integer" => Function::Integer,
            "digits" => Function::Digits,
            "upper" => Function::Upper,
            "structure" => Function::Structure,
            "count" => Function::Count,
            "npi-system" => Function::NpiSystem,
            "attach" => {
                let mut place = |written: &Option<Located>| {
                    let written = written.as_ref()?;
                    self.leaf(written, scope).map(|(place, _)| place)
                };
                Function::Attach {
                    media: place(&row.parameters.media),
                    title: place(&row.parameters.title),
                    code: place(&row.parameters.code),
                }
            }
            "payload" => Function::Payload(self.part(row)?),
            "carry" => Function::Carry,
            "restore" => Function::Restore,
            other => {
                let at = row.function.as_ref().map_or(row.at, |name| name.at);
                self.complain(
                    at,
                    format!("there is no function {other}; there are {}", FUNCTIONS.join(", ")),
                );
                return None;
            }
        };
        self.parameters_fit(row, found);
        let needs_source = !matches!(found, Function::Constant | Function::Count);
        if needs_source && row.from.is_empty() && row.default.is_none() {
            self.complain(row.at, "the row takes nothing: from is missing");
        }
        if !needs_source && !row.from.is_empty() {
            self.complain(row.at, "a constant or a count takes nothing from the source");
        }
        Some(found)
    }

    /// Complains of parameters that the function has no use for.
    fn parameters_fit(&mut self, row: &RowText, function: Function) {
        let lookup = matches!(
            function,
            Function::Lookup { .. } | Function::Implied(Expected::Lookup { .. })
        );
        let given = [
            (&row.parameters.table, "table", lookup),
            (&row.parameters.by, "by", lookup),
            (&row.parameters.give, "give", lookup),
            (
                &row.parameters.time,
                "time",
                matches!(function, Function::DateTime { .. }),
            ),
            (
                &row.parameters.same,
                "same",
                matches!(function, Function::Implied(_)),
            ),
            (
                &row.parameters.part,
                "part",
                matches!(function, Function::Payload(_)),
            ),
            (
                &row.parameters.media,
                "media",
                matches!(function, Function::Attach { .. }),
            ),
            (
                &row.parameters.code,
                "code",
                matches!(function, Function::Attach { .. }),
            ),
            (
                &row.parameters.title,
                "title",
                matches!(function, Function::Attach { .. }),
            ),
        ];
        for (written, key, fits) in given {
            if let Some(written) = written
                && !fits
            {
                self.complain(written.at, format!("{} has no parameter {key}", function.name()));
            }
        }
        if row.value.is_some() && !matches!(function, Function::Constant | Function::Implied(_)) {
            self.complain(row.value_at, format!("{} has no value", function.name()));
        }
    }

    fn expected(&mut self, row: &RowText, scope: usize) -> Option<Expected> {
        if let Some(same) = &row.parameters.same {
            let (place, _) = self.leaf(same, scope)?;
            if row.parameters.table.is_none() {
                return Some(Expected::Place(place));
            }
            let Function::Lookup { table, by, give } = self.lookup(row)? else {
                return None;
            };
            return Some(Expected::Lookup {
                place,
                table,
                by,
                give,
            });
        }
        let texts: Option<Vec<String>> = match &row.value {
            Some(Literal::Text(text)) => Some(text.split('|').map(str::to_owned).collect()),
            Some(Literal::Integer(number)) => Some(vec![number.clone()]),
            Some(Literal::Boolean(flag)) => Some(vec![flag.to_string()]),
            Some(Literal::Table(_) | Literal::List(_)) | None => None,
        };
        let Some(texts) = texts else {
            self.complain(row.at, "implied compares with a value, or with what is the same");
            return None;
        };
        Some(Expected::AnyOf(self.accepted(row.value_at, &texts)))
    }

    fn lookup(&mut self, row: &RowText) -> Option<Function> {
        let (Some(table), Some(by), Some(give)) =
            (&row.parameters.table, &row.parameters.by, &row.parameters.give)
        else {
            self.complain(row.at, "lookup has a table, by and give");
            return None;
        };
        let tables = self.tables;
        let Some(number) = tables.iter().position(|known| known.name() == table.text) else {
            let known: Vec<&str> = tables.iter().map(|table| table.name()).collect();
            self.complain(
                table.at,
                format!("there is no table {}; there are {}", table.text, known.join(", ")),
            );
            return None;
        };
        let found = tables.get(number)?;
        let mut column = |written: &Located| {
            let position = found
                .column(&written.text)
                .and_then(|column| u16::try_from(column).ok());
            if position.is_none() {
                let columns = found.columns().join(", ");
                self.complain(written.at, format!("{} has the columns {columns}", found.name()));
            }
            position
        };
        Some(Function::Lookup {
            table: u16::try_from(number).ok()?,
            by: column(by)?,
            give: column(give)?,
        })
    }

    fn part(&mut self, row: &RowText) -> Option<Part> {
        let Some(part) = &row.parameters.part else {
            self.complain(row.at, "payload has a part");
            return None;
        };
        let found = Part::named(&part.text);
        if found.is_none() {
            self.complain(
                part.at,
                format!("the parts of an attachment are {}", Part::names()),
            );
        }
        found
    }

    /// The target of a row that writes.
    pub(super) fn written(
        &mut self,
        row: &RowText,
        function: Function,
        to: &Located,
        scope: usize,
    ) -> Option<Target> {
        let (steps, shape) = self.leaf_target(to, scope)?;
        if let (Function::Constant, Some(value)) = (function, &row.value) {
            let mut constants = Vec::new();
            self.constants(to, &steps, &shape, value, &mut constants);
            let mut leaves = Vec::new();
            for (steps, value, quoted) in constants {
                let leaf = self.leaf_of(scope, &steps)?;
                leaves.push(ConstantLeaf { leaf, value, quoted });
            }
            return Some(Target::Constants(append(&mut self.program.leaves, leaves)));
        }
        match shape {
            Shape::Leaf(kind) if function.gives(kind) || self.target_frame().is_some() => {}
            Shape::Leaf(kind) => {
                self.complain(
                    to.at,
                    format!("{} does not give {}", function.name(), kind.as_str()),
                );
            }
            Shape::Thing(_) if matches!(function, Function::Carry) => {}
            Shape::Thing(_) | Shape::X12(..) => self.complain(to.at, "a row writes one value, not a whole"),
        }
        self.leaf_of(scope, &steps).map(Target::Leaf)
    }

    /// Every leaf of a constant.
    fn constants(
        &mut self,
        to: &Located,
        steps: &[TargetStep],
        shape: &Shape,
        value: &Literal,
        found: &mut Vec<(Vec<TargetStep>, TextId, bool)>,
    ) {
        match (value, shape) {
            (Literal::Table(members), Shape::Thing(kind)) => {
                for (name, value) in members {
                    let Some((more, shape)) = self.fhir_target(name, kind) else {
                        continue;
                    };
                    // A list in the file stands for the whole list, so its items number themselves.
                    let (more, values): (&[TargetStep], &[Literal]) = match (value, more.as_slice()) {
                        (Literal::List(values), [more @ .., TargetStep::Item(_)]) => (more, values),
                        (_, more) => (more, std::slice::from_ref(value)),
                    };
                    let listed = matches!(value, Literal::List(_));
                    for (index, value) in values.iter().enumerate() {
                        let mut steps = [steps, more].concat();
                        if listed {
                            steps.push(TargetStep::Item(u16::try_from(index).unwrap_or(u16::MAX)));
                        }
                        self.constants(name, &steps, &shape, value, found);
                    }
                }
            }
            (Literal::Text(text), Shape::Leaf(_)) => {
                let written = Located {
                    text: text.clone(),
                    at: to.at,
                };
                let text = self.resolved(&written);
                self.constant(steps, &text, true, found);
            }
            (Literal::Integer(number), Shape::Leaf(_)) => {
                // X12 has no numbers of another kind than text.
                self.constant(steps, number, self.target_frame().is_some(), found);
            }
            (Literal::Boolean(flag), Shape::Leaf(_)) => self.constant(steps, &flag.to_string(), false, found),
            (Literal::List(_), _) => self.complain(
                to.at,
                "a list of values belongs into a table, as { member = [ ] }",
            ),
            (_, Shape::Leaf(kind)) => {
                self.complain(to.at, format!("the value is {}, not a table", kind.as_str()));
            }
            (_, Shape::Thing(_) | Shape::X12(..)) => self.complain(to.at, "the value is a table of members"),
        }
    }

    fn constant(
        &mut self,
        steps: &[TargetStep],
        text: &str,
        quoted: bool,
        found: &mut Vec<(Vec<TargetStep>, TextId, bool)>,
    ) {
        let value = self.intern(text);
        found.push((steps.to_vec(), value, quoted));
    }
}
