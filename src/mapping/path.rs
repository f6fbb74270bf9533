//! How places of X12 and of FHIR are written in a mapping.

use super::fields::Located;
use super::program::APPEND;
use super::program::X12Place;

/// Something wrong in a path: the byte of the file, and what.
pub(super) type Fault = (usize, String);

/// A place in X12 as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct X12Text {
    /// Names of loops, outermost first.
    pub(super) loops: Vec<Located>,
    /// The segment; absent for a path that names loops only.
    pub(super) segment: Option<String>,
    /// The number of the element, from one; zero for the whole segment, `X12Place::EACH` for one after the other.
    pub(super) element: u8,
    /// The number of the component, from one; zero for the whole element.
    pub(super) component: u8,
    pub(super) tests: Vec<TestText>,
    /// Written with `[+]`: a new one each time.
    pub(super) append: bool,
}

/// A test in brackets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TestText {
    pub(super) element: u8,
    pub(super) component: u8,
    pub(super) negated: bool,
    pub(super) any_of: Vec<String>,
}

/// A place in FHIR as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct FhirText {
    pub(super) steps: Vec<StepText>,
}

/// One step of a place in FHIR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct StepText {
    pub(super) name: String,
    pub(super) slice: Option<String>,
    pub(super) index: Option<u16>,
    pub(super) at: usize,
}

/// Reads a place in X12.
pub(super) fn x12(written: &Located) -> Result<X12Text, Fault> {
    let (path, tests) = brackets(written)?;
    let mut found = X12Text::default();
    let mut at = written.at;
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        if part.starts_with(|first: char| first.is_ascii_digit()) {
            found.loops.push(Located {
                text: part.to_owned(),
                at,
            });
        } else if is_last {
            let (segment, element, component) = element(part).ok_or_else(|| {
                (
                    at,
                    format!("{part} is neither a loop nor a segment nor an element like NM109 or STC01-2"),
                )
            })?;
            found.segment = Some(segment.to_owned());
            (found.element, found.component) = (element, component);
        } else {
            return Err((
                at,
                format!("{part} is not a loop, and only loops have something inside"),
            ));
        }
        at += part.len() + 1;
    }
    if let Some(("+", _)) = tests {
        found.append = true;
    } else if let Some((text, at)) = tests {
        let segment = found.segment.as_deref().unwrap_or_default();
        found.tests = self::tests(text, at, segment)?;
    }
    Ok(found)
}

/// A path, and what is in its brackets with the byte where that begins.
type Bracketed<'w> = (&'w str, Option<(&'w str, usize)>);

/// Cuts the brackets off, and says where their inside begins.
fn brackets(written: &Located) -> Result<Bracketed<'_>, Fault> {
    let Some((path, rest)) = written.text.split_once('[') else {
        return Ok((&written.text, None));
    };
    let at = written.at + path.len() + 1;
    match rest.strip_suffix(']') {
        Some(inside) => Ok((path, Some((inside, at)))),
        None => Err((
            at - 1,
            "the bracket is not closed at the end of the path".to_owned(),
        )),
    }
}

/// Reads tests such as `REF01=X1|EJ, REF03!=A`.
fn tests(text: &str, mut at: usize, segment: &str) -> Result<Vec<TestText>, Fault> {
    let mut found = Vec::new();
    for part in text.split(',') {
        let fault = |what: &str| (at, format!("{} {what}", part.trim()));
        let (left, right) = part
            .split_once('=')
            .ok_or_else(|| fault("is no test: write ELEMENT=VALUE"))?;
        let (left, negated) = match left.strip_suffix('!') {
            Some(left) => (left, true),
            None => (left, false),
        };
        let (tested, element, component) = element(left.trim()).ok_or_else(|| fault("tests no element"))?;
        if tested != segment || element == 0 {
            return Err(fault("tests an element of another segment"));
        }
        found.push(TestText {
            element,
            component,
            negated,
            any_of: right.trim().split('|').map(str::to_owned).collect(),
        });
        at += part.len() + 1;
    }
    Ok(found)
}

/// Takes `NM109` and `STC01-2` apart; `NM1` alone is the whole segment, `HI-2` a component of each of its elements.
fn element(text: &str) -> Option<(&str, u8, u8)> {
    let (text, component) = match text.split_once('-') {
        Some((text, component)) => (text, component.parse().ok().filter(|number| *number > 0)?),
        None => (text, 0),
    };
    let capitals = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_uppercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    match text.len() {
        2 | 3 if component == 0 && capitals(text) => Some((text, 0, 0)),
        2 | 3 if capitals(text) => Some((text, X12Place::EACH, component)),
        4 | 5 => {
            let (segment, number) = text.split_at_checked(text.len() - 2)?;
            let number = number.parse().ok().filter(|number| *number > 0)?;
            capitals(segment).then_some((segment, number, component))
        }
        _ => None,
    }
}

/// Reads a place in FHIR.
pub(super) fn fhir(written: &Located) -> Result<FhirText, Fault> {
    let mut steps = Vec::new();
    let mut at = written.at;
    for part in written.text.split('.') {
        steps.push(step(part, at)?);
        at += part.len() + 1;
    }
    Ok(FhirText { steps })
}

fn step(part: &str, at: usize) -> Result<StepText, Fault> {
    let (rest, index) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
        Some((rest, index)) => {
            let index = match index {
                "+" => Ok(APPEND),
                index => index.parse(),
            };
            (
                rest,
                Some(index.map_err(|_| (at, format!("{part}: an index is a number or +")))?),
            )
        }
        None => (part, None),
    };
    let (name, slice) = match rest.split_once(':') {
        Some((name, slice)) => (name, Some(slice.to_owned())),
        None => (rest, None),
    };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let slice_is_plain = slice.as_deref().is_none_or(|slice| {
        let rest = slice.replace('-', "");
        plain(&rest)
    });
    if !plain(name.strip_prefix('_').unwrap_or(name)) || !slice_is_plain {
        return Err((
            at,
            format!("{part} is no element: write name, name:Slice or name[0]"),
        ));
    }
    Ok(StepText {
        name: name.to_owned(),
        slice,
        index,
        at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(text: &str) -> Located {
        Located {
            text: text.to_owned(),
            at: 100,
        }
    }

    #[track_caller]
    fn check_x12(text: &str, expected: &str) {
        let found = match x12(&located(text)) {
            Ok(found) => {
                let loops: Vec<&str> = found.loops.iter().map(|name| name.text.as_str()).collect();
                let tests: Vec<String> = found
                    .tests
                    .iter()
                    .map(|test| {
                        let sign = if test.negated { "!=" } else { "=" };
                        format!(
                            "{}-{}{sign}{}",
                            test.element,
                            test.component,
                            test.any_of.join("|")
                        )
                    })
                    .collect();
                format!(
                    "{} {} {} {} {}",
                    loops.join(">"),
                    found.segment.unwrap_or_default(),
                    found.element,
                    found.component,
                    tests.join(",")
                )
            }
            Err((at, message)) => format!("{at} {message}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn an_x12_place_is_loops_a_segment_and_an_element() {
        check_x12("TRN02", " TRN 2 0 ");
        check_x12("2000A/2100A/PER04[PER03=UR]", "2000A>2100A PER 4 0 3-0=UR");
        check_x12(
            "STC01-2[STC01-4=LOI,STC01-1!=R1|R2]",
            " STC 1 2 1-4=LOI,1-1!=R1|R2",
        );
        check_x12("N104", " N1 4 0 ");
        check_x12("STC", " STC 0 0 ");
        check_x12("2000A/2200D", "2000A>2200D  0 0 ");
        check_x12("HI-2[HI-1=LOI]", " HI 255 2 255-1=LOI");
    }

    #[test]
    fn a_wrong_x12_place_is_told_with_its_column() {
        check_x12(
            "2000A/trn02",
            "106 trn02 is neither a loop nor a segment nor an element like NM109 or STC01-2",
        );
        check_x12(
            "NM1/2000A",
            "100 NM1 is not a loop, and only loops have something inside",
        );
        check_x12(
            "REF02[REF01=X1",
            "105 the bracket is not closed at the end of the path",
        );
        check_x12(
            "REF02[NM101=X1]",
            "106 NM101=X1 tests an element of another segment",
        );
        check_x12("REF02[01]", "106 01 is no test: write ELEMENT=VALUE");
    }

    #[test]
    fn a_fhir_place_is_names_slices_and_indices() {
        let found = fhir(&located("input:PayerUrl.value.given[1]._x")).unwrap();
        let steps: Vec<String> = found
            .steps
            .iter()
            .map(|step| format!("{}|{:?}|{:?}|{}", step.name, step.slice, step.index, step.at))
            .collect();
        assert_eq!(
            steps,
            [
                r#"input|Some("PayerUrl")|None|100"#,
                "value|None|None|115",
                "given|None|Some(1)|121",
                "_x|None|None|130",
            ]
        );
        assert_eq!(
            fhir(&located("a..b")).unwrap_err(),
            (
                102,
                " is no element: write name, name:Slice or name[0]".to_owned()
            )
        );
    }
}
