//! What a piece of work cost this process: CPU time and peak memory, as the kernel counts them.
//!
//! Wall time says how busy the machine was; CPU time says what the code needs.
//! Both figures come from `procfs`, so they exist on Linux only, and every function says so with an error elsewhere.

#![allow(
    dead_code,
    reason = "each program that shares this file uses its own part of it"
)]

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

/// The CPU time that several runs of the same work needed.
#[derive(Clone, Copy, Debug)]
pub struct CpuReading {
    /// The cheapest run: the closest to what the code itself needs.
    pub fastest: Duration,
    /// The middle run: what one should expect, and what the reports quote.
    pub median: Duration,
    /// How many runs were taken.
    pub runs: usize,
}

/// The CPU time of all threads of this process that are alive, since each of them began.
///
/// The nanoseconds come from the scheduler's own account, which it brings up to date when a thread passes the CPU on;
/// this one does so first, so its own share is not a clock tick behind.
///
/// # Errors
/// Fails where the system keeps no `/proc/self/task/*/schedstat`.
pub fn cpu_time() -> io::Result<Duration> {
    thread::yield_now();
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir("/proc/self/task")? {
        match fs::read_to_string(task?.path().join("schedstat")) {
            Ok(account) => nanoseconds += first_number(&account)?,
            // The thread ended between the listing and the reading.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Runs `work` `runs` times (at least once) and returns what it cost, with the result of the last run.
///
/// Dropping a result is not counted: only what `work` does until it hands the result over.
///
/// # Errors
/// Fails where [`cpu_time`] does.
pub fn cpu_reading<T>(runs: usize, mut work: impl FnMut() -> T) -> io::Result<(CpuReading, T)> {
    let mut costs = Vec::with_capacity(runs.max(1));
    loop {
        let before = cpu_time()?;
        let result = work();
        costs.push(cpu_time()?.saturating_sub(before));
        if costs.len() >= runs {
            costs.sort_unstable();
            let fastest = costs.first().copied().unwrap_or_default();
            let median = costs.get(costs.len() / 2).copied().unwrap_or_default();
            return Ok((
                CpuReading {
                    fastest,
                    median,
                    runs: costs.len(),
                },
                result,
            ));
        }
    }
}

/// The most memory this process has held since it began, or since [`reset_peak_memory`], in bytes.
///
/// # Errors
/// Fails where `/proc/self/status` has no `VmHWM`.
pub fn peak_memory() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(first_number(line.ok_or_else(unreadable)?)? * 1024)
}

/// Makes [`peak_memory`] start again from what is held now.
///
/// # Errors
/// Fails where `/proc/self/clear_refs` is missing or may not be written; the peak then still counts from the start of
/// the process, which can only make the figure larger.
pub fn reset_peak_memory() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// The first number of an account that the kernel wrote as text.
fn first_number(account: &str) -> io::Result<u64> {
    let number = account
        .split_ascii_whitespace()
        .next()
        .and_then(|word| word.parse().ok());
    number.ok_or_else(unreadable)
}

fn unreadable() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the kernel's account of this process is not in the known form",
    )
}
