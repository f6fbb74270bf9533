//! Where a command writes: standard output, with colour only where a person is looking.

use std::env;
use std::fmt;
use std::io;
use std::io::IsTerminal;
use std::io::Write;

/// The output of a command.
///
/// Colour is used only if the output is a terminal, `NO_COLOR` is unset or empty and `TERM` is not `dumb`.
pub(super) struct Terminal {
    out: io::BufWriter<io::StdoutLock<'static>>,
    colour: bool,
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// A heading, or the one word of a line that matters most.
    Strong,
}

/// Text with a style, to be used in a format string.
pub(super) struct Styled<T> {
    text: T,
    style: Option<Style>,
}

impl Terminal {
    /// Standard output, locked for as long as the command runs.
    pub(super) fn stdout() -> Self {
        let out = io::stdout().lock();
        let colour = wants_colour(
            out.is_terminal(),
            env::var_os("NO_COLOR").as_deref(),
            env::var_os("TERM").as_deref(),
        );
        Self {
            out: io::BufWriter::new(out),
            colour,
        }
    }

    /// `text` in `style`, or plain where there is no colour.
    pub(super) fn style<T: fmt::Display>(&self, style: Style, text: T) -> Styled<T> {
        Styled {
            text,
            style: self.colour.then_some(style),
        }
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<T: fmt::Display> fmt::Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            None => self.text.fmt(f),
            Some(Style::Strong) => write!(f, "\u{1b}[1m{}\u{1b}[0m", self.text),
        }
    }
}

/// Decides on colour from what the environment says (<https://no-color.org>).
fn wants_colour(
    is_terminal: bool,
    no_color: Option<&std::ffi::OsStr>,
    term: Option<&std::ffi::OsStr>,
) -> bool {
    is_terminal && no_color.is_none_or(std::ffi::OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_terminal: bool, no_color: Option<&str>, term: Option<&str>, expected: bool) {
        let found = wants_colour(is_terminal, no_color.map(str::as_ref), term.map(str::as_ref));
        assert_eq!(found, expected);
    }

    #[test]
    fn colour_is_for_a_terminal_only() {
        check(true, None, Some("xterm"), true);
        check(true, None, None, true);
        check(false, None, Some("xterm"), false);
    }

    #[test]
    fn no_color_wins_unless_it_is_empty() {
        check(true, Some("1"), Some("xterm"), false);
        check(true, Some(""), Some("xterm"), true);
    }

    #[test]
    fn a_dumb_terminal_gets_no_colour() {
        check(true, None, Some("dumb"), false);
    }

    #[test]
    fn plain_text_has_no_escapes() {
        assert_eq!(
            Styled {
                text: "a",
                style: None
            }
            .to_string(),
            "a"
        );
        assert_eq!(
            Styled {
                text: "a",
                style: Some(Style::Strong)
            }
            .to_string(),
            "\u{1b}[1ma\u{1b}[0m"
        );
    }
}
