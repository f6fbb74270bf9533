//! Where a command writes: standard output or error, with colour only where a person is looking.

use std::env;
use std::fmt;
use std::io;
use std::io::IsTerminal;
use std::io::Write;

/// The output of a command.
///
/// Colour is used only if the output is a terminal, `NO_COLOR` is unset or empty and `TERM` is not `dumb`.
pub(crate) struct Terminal {
    out: io::BufWriter<Box<dyn Write>>,
    palette: Palette,
}

/// Whether and how text is coloured; copied to whatever builds lines without writing them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Palette {
    colour: bool,
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// A heading, or the one word of a line that matters most.
    Strong,
    /// What may be passed over.
    Faint,
    /// All is well.
    Good,
    /// A fault, or a refusal.
    Error,
    /// Not as it should be, and accepted all the same.
    Warning,
    /// Worth a word.
    Note,
}

/// Text with a style, to be used in a format string.
pub(crate) struct Styled<T> {
    text: T,
    style: Option<Style>,
}

impl Terminal {
    /// Standard output, locked for as long as the command runs.
    pub(crate) fn stdout() -> Self {
        let out = io::stdout().lock();
        let palette = Palette::of_environment(out.is_terminal());
        Self::new(Box::new(out), palette)
    }

    /// Standard error, for a report whose standard output carries something else.
    pub(crate) fn stderr() -> Self {
        let palette = Palette::of_environment(io::stderr().is_terminal());
        Self::new(Box::new(io::stderr()), palette)
    }

    fn new(out: Box<dyn Write>, palette: Palette) -> Self {
        Self {
            out: io::BufWriter::new(out),
            palette,
        }
    }

    /// `text` in `style`, or plain where there is no colour.
    pub(crate) fn style<T: fmt::Display>(&self, style: Style, text: T) -> Styled<T> {
        self.palette.style(style, text)
    }

    /// The colours of this output.
    pub(crate) const fn palette(&self) -> Palette {
        self.palette
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

impl Palette {
    /// No colour at all.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { colour: false };

    /// Colour as the environment and the output want it.
    fn of_environment(is_terminal: bool) -> Self {
        let no_color = env::var_os("NO_COLOR");
        let term = env::var_os("TERM");
        Self {
            colour: wants_colour(is_terminal, no_color.as_deref(), term.as_deref()),
        }
    }

    /// `text` in `style`, or plain where there is no colour.
    pub(crate) fn style<T: fmt::Display>(self, style: Style, text: T) -> Styled<T> {
        Styled {
            text,
            style: self.colour.then_some(style),
        }
    }
}

impl Style {
    /// The parameters of the escape sequence that begins the style.
    const fn parameters(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "1;32",
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Note => "1;36",
        }
    }
}

impl<T: fmt::Display> fmt::Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(style) = self.style else {
            return self.text.fmt(f);
        };
        write!(f, "\u{1b}[{}m", style.parameters())?;
        self.text.fmt(f)?;
        f.write_str("\u{1b}[0m")
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
        assert_eq!(Palette::PLAIN.style(Style::Strong, "a").to_string(), "a");
        let coloured = Palette { colour: true };
        assert_eq!(
            coloured.style(Style::Strong, "a").to_string(),
            "\u{1b}[1ma\u{1b}[0m"
        );
    }

    #[test]
    fn width_counts_the_text_and_not_the_colour() {
        let coloured = Palette { colour: true };
        assert_eq!(
            format!("{:<3}|", coloured.style(Style::Faint, "a")),
            "\u{1b}[2ma  \u{1b}[0m|"
        );
    }
}
