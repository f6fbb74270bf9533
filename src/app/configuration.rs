//! The configuration that a command is about: which file, and what was made of it.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::config::check::Checked;
use crate::config::check::check;
use crate::config::quantity::Day;
use crate::config::source::Disk;

use super::terminal::Palette;
use super::terminal::Style;

/// Which configuration.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ConfigFile {
    /// The main configuration file, or the folder with its gateway.toml
    #[arg(
        short,
        long,
        value_name = "FILE",
        env = "CARTAGE_CONFIG",
        default_value = "gateway.toml"
    )]
    config: PathBuf,
}

/// A configuration as it was found.
pub(super) struct Found {
    /// What was made of it.
    pub(super) checked: Checked,
    /// Where its files are.
    pub(super) disk: Disk,
    /// The time of day at which it was looked at.
    pub(super) now: SystemTime,
}

impl ConfigFile {
    /// The configuration in a file or folder, whatever the option says.
    pub(super) fn named(path: PathBuf) -> Self {
        Self { config: path }
    }

    /// The main file.
    pub(super) fn main(&self) -> PathBuf {
        if self.config.is_dir() {
            self.config.join("gateway.toml")
        } else {
            self.config.clone()
        }
    }

    /// Reads and checks it.
    pub(super) fn find(&self) -> Found {
        let main = self.main();
        let now = SystemClock::start().now();
        let (disk, name) = Disk::around(&main);
        Found {
            checked: check(&disk, &name, Day::at(now)),
            disk,
            now,
        }
    }
}

impl Found {
    /// How an operator calls the main file.
    pub(super) fn name(&self) -> &str {
        self.checked
            .document
            .files
            .all()
            .first()
            .map_or("", |file| &file.shown)
    }

    /// The complaints as they are read on a terminal.
    pub(super) fn complaints(&self, palette: Palette) -> String {
        paint(&self.checked.report.render(&self.checked.document.files), palette)
    }
}

/// Colours the weight and the code of each complaint.
fn paint(report: &str, palette: Palette) -> String {
    let mut painted = String::with_capacity(report.len());
    for line in report.split_inclusive('\n') {
        let style = if line.starts_with("error[") {
            Style::Error
        } else if line.starts_with("warning[") {
            Style::Warning
        } else {
            painted.push_str(line);
            continue;
        };
        let (head, rest) = line.split_once(':').unwrap_or((line, ""));
        painted.push_str(&palette.style(style, head).to_string());
        painted.push(':');
        painted.push_str(rest);
    }
    painted
}
