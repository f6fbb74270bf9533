//! `cartage help`: a command, a table of the configuration, or the code of a complaint with a bad and a good example.

use std::io;
use std::io::Write;

use clap::CommandFactory;

use super::CommandLine;
use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::config::code;
use crate::config::code::Code;
use crate::config::reference;

/// Explain a command, a table of the configuration such as route, or the code of a complaint such as G0204.
///
/// `cartage help codes` lists all codes; `cartage help route` shows what may stand in a route.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A command with its own commands, a table (listen, partner, route, test, when, …), a code, or `codes`
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

/// Explains the topic, or says that there is none such.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    if let [only] = args.topic.as_slice() {
        if only == "codes" {
            return list(out);
        }
        let like_a_code = only
            .trim_start_matches(['G', 'g'])
            .starts_with(|letter: char| letter.is_ascii_digit());
        if like_a_code {
            return match Code::find(only) {
                Some(code) => explain(code, out),
                None => complain(&format!(
                    "there is no code {only}; `cartage help codes` lists them"
                )),
            };
        }
    }
    let mut command = CommandLine::command();
    command.build();
    let mut here = &mut command;
    for name in &args.topic {
        let Some(found) = here.find_subcommand_mut(name) else {
            let table = match args.topic.as_slice() {
                [only] => reference::table(only.trim_matches(['[', ']'])),
                _ => None,
            };
            return match table {
                Some(text) => write!(out, "{text}").map(|()| Ending::Good),
                None => complain(&format!(
                    "there is no command, table or code {name}; `cartage help` lists the commands"
                )),
            };
        };
        here = found;
    }
    write!(out, "{}", here.render_long_help())?;
    Ok(Ending::Good)
}

fn list(out: &mut Terminal) -> io::Result<Ending> {
    for code in code::all() {
        writeln!(out, "{code}  {:7}  {}", code.weight.as_str(), code.title)?;
    }
    Ok(Ending::Good)
}

fn explain(code: &Code, out: &mut Terminal) -> io::Result<Ending> {
    let title = out.style(Style::Strong, format!("{code}: {}", code.title));
    writeln!(out, "{title} ({})\n", code.weight.as_str())?;
    for line in wrapped(code.meaning, 80) {
        writeln!(out, "{line}")?;
    }
    let (bad, good) = (out.style(Style::Error, "Bad:"), out.style(Style::Good, "Good:"));
    writeln!(out, "\n{bad}\n")?;
    write_indented(code.bad, out)?;
    writeln!(out, "\n{good}\n")?;
    write_indented(code.good, out)?;
    Ok(Ending::Good)
}

fn write_indented(text: &str, out: &mut Terminal) -> io::Result<()> {
    for line in text.trim_matches('\n').lines() {
        if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

/// The text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn complain(why: &str) -> io::Result<Ending> {
    writeln!(io::stderr().lock(), "cartage help: {why}")?;
    Ok(Ending::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrapped("longer-than-the-line x", 5),
            ["longer-than-the-line", "x"]
        );
        assert!(wrapped("", 5).is_empty());
    }
}
