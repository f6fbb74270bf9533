//! A bar on the terminal while much is read; nothing where nobody watches.

use std::io;
use std::io::IsTerminal;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use super::inputs::Input;

/// Bytes that are read before anybody could look.
const UNNOTICED: u64 = 16 * 1024 * 1024;
/// Redraws per second.
const RATE: u8 = 10;

/// How far the reading has come.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over all of `inputs`, if standard error is a terminal and it will take a while.
    pub(crate) fn over(inputs: &[Input]) -> Self {
        let sizes: Option<u64> = inputs.iter().map(Input::size).sum();
        let noticed = sizes.is_none_or(|bytes| bytes > UNNOTICED) || inputs.len() > 1000;
        let typed = inputs.iter().any(Input::waits_for_keys);
        if !noticed || typed || !io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = match sizes {
            Some(bytes) => ProgressBar::new(bytes),
            None => ProgressBar::no_length(),
        };
        let template = if sizes.is_some() {
            "  {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}  {wide_msg}"
        } else {
            "  {spinner} {bytes}  {bytes_per_sec}  {wide_msg}"
        };
        // The template is a constant; should it be faulty, the bar's own looks are good enough.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(RATE));
        Self { bar }
    }

    /// Says what is being read.
    pub(crate) fn begin(&self, input: &Input) {
        self.bar.set_message(input.title());
    }

    /// Says that `bytes` more were read.
    pub(crate) fn add(&self, bytes: usize) {
        self.bar.inc(bytes as u64);
    }

    /// Clears the bar away while `print` writes.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

/// Leaves no bar behind, however the work ended.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
