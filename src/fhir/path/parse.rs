//! From text to an expression.

use thiserror::Error;

use super::End;
use super::Expression;
use super::Path;
use super::Shape;
use super::Step;
use crate::fhir::term::Term;

/// Where a text stops being an expression.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not an expression from byte {at} on")]
pub(crate) struct ParseError {
    /// Bytes from the start.
    pub(crate) at: usize,
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expression, ParseError> {
    whole(text, Parser::implies)
}

/// Reads a path that asks nothing of its items.
pub(crate) fn parse_steps(text: &str) -> Result<Vec<Step>, ParseError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let path = whole(text, Parser::path)?;
    if path.end == End::Items {
        Ok(path.steps)
    } else {
        Err(ParseError { at: text.len() })
    }
}

fn whole<'t, T>(text: &'t str, read: impl Fn(&mut Parser<'t>) -> Option<T>) -> Result<T, ParseError> {
    let mut parser = Parser { rest: text };
    let found = read(&mut parser);
    parser.blanks();
    let at = text.len() - parser.rest.len();
    found.filter(|_| parser.rest.is_empty()).ok_or(ParseError { at })
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `mark`, if it comes next.
    fn mark(&mut self, mark: &str) -> Option<()> {
        self.blanks();
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    /// Takes `word`, if it comes next and ends there.
    fn word(&mut self, word: &str) -> Option<()> {
        self.blanks();
        let rest = self.rest.strip_prefix(word)?;
        if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    fn name(&mut self) -> Option<&'t str> {
        self.blanks();
        let length = self
            .rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'$')
            .count();
        let (name, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn text(&mut self) -> Option<&'t str> {
        self.mark("'")?;
        let (text, rest) = self.rest.split_once('\'')?;
        self.rest = rest;
        Some(text)
    }

    fn implies(&mut self) -> Option<Expression> {
        let left = self.or()?;
        match self.word("implies") {
            None => Some(left),
            Some(()) => Some(Expression::Implies(Box::new(left), Box::new(self.or()?))),
        }
    }

    fn or(&mut self) -> Option<Expression> {
        let mut left = self.and()?;
        while self.word("or").is_some() {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Expression> {
        let mut left = self.comparison()?;
        while self.word("and").is_some() {
            left = Expression::And(Box::new(left), Box::new(self.comparison()?));
        }
        Some(left)
    }

    fn comparison(&mut self) -> Option<Expression> {
        let left = self.operand()?;
        let join = if self.mark("!=").is_some() {
            Expression::Differs
        } else if self.mark("<=").is_some() {
            Expression::AtMost
        } else if self.mark("=").is_some() {
            Expression::Equal
        } else {
            return Some(left);
        };
        Some(join(Box::new(left), Box::new(self.operand()?)))
    }

    fn operand(&mut self) -> Option<Expression> {
        self.blanks();
        let found = match self.rest.bytes().next()? {
            b'(' => {
                self.mark("(")?;
                let inner = self.implies()?;
                self.mark(")")?;
                inner
            }
            b'\'' => Expression::Text(self.text()?.into()),
            b'0'..=b'9' => Expression::Number(self.name()?.parse().ok()?),
            _ => Expression::Path(self.path()?),
        };
        match self.mark(".not()") {
            None => Some(found),
            Some(()) => Some(Expression::Not(Box::new(found))),
        }
    }

    fn path(&mut self) -> Option<Path> {
        let mut path = Path {
            steps: Vec::new(),
            end: End::Items,
        };
        loop {
            let name = self.name()?;
            let called = self.rest.starts_with('(');
            match (name, called) {
                ("$this", false) if path.steps.is_empty() => {}
                ("value", false) => path.steps.push(Step::Value),
                (_, false) => path.steps.push(Step::Member(name.into())),
                ("where", true) => {
                    self.mark("(")?;
                    path.steps.push(Step::Where(self.implies()?));
                    self.mark(")")?;
                }
                ("ofType", true) => {
                    self.mark("(")?;
                    path.steps.push(Step::OfType(self.name()?.into()));
                    self.mark(")")?;
                }
                (_, true) => {
                    path.end = self.end(name)?;
                    return Some(path);
                }
            }
            if self.rest.starts_with(".not()") || self.mark(".").is_none() {
                return Some(path);
            }
        }
    }

    /// Reads the brackets behind the function called `name`.
    fn end(&mut self, name: &str) -> Option<End> {
        self.mark("(")?;
        let end = match name {
            "exists" => End::Exists,
            "empty" => End::Empty,
            "count" => End::Count,
            "length" => End::Length,
            "startsWith" => End::StartsWith(self.text()?.into()),
            "memberOf" => End::MemberOf(self.text()?.into()),
            "pointsAt" => End::PointsAt(self.text()?.into()),
            "looksLike" => End::LooksLike(Shape::named(self.text()?)?),
            "means" => {
                let (term, spot) = Term::named(self.text()?)?;
                End::Means(term, spot)
            }
            _ => return None,
        };
        self.mark(")")?;
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_expression_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("a.", 2),
            ("a = ", 4),
            ("a b", 2),
            ("(a", 2),
            ("a.nothing()", 11),
            ("a.means('nothing')", 18),
            ("a.exists().b", 10),
            ("'a", 1),
            ("a and", 5),
        ] {
            assert!(parse(text).is_err(), "{text}");
            assert!(parse(text).unwrap_err().at <= at, "{text}");
        }
        assert!(parse_steps("a.exists()").is_err());
        assert_eq!(parse_steps(""), Ok(Vec::new()));
    }

    #[test]
    fn operators_bind_as_in_fhirpath() {
        let path = |name: &str| {
            Box::new(Expression::Path(Path {
                steps: vec![Step::Member(name.into())],
                end: End::Items,
            }))
        };
        let expected = Expression::Implies(
            Box::new(Expression::Or(
                path("a"),
                Box::new(Expression::And(path("b"), path("c"))),
            )),
            Box::new(Expression::Not(path("d"))),
        );
        assert_eq!(parse("a or b and c implies d.not()"), Ok(expected));
    }
}
