#!/usr/bin/env bash
# The long form of the tests of what must not be lost: 1,000 reloads and 100 drains under load, 1,000 random kills of the
# gateway and of the ledger alone, and one at every system call of a run of each. It takes an hour or more and a disk that
# may be worn; the short form is part of `cargo test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CRASH_KILLS="${CRASH_KILLS:-1000}" CRASH_CALLS=all LEDGER_KILLS="${LEDGER_KILLS:-1000}" LEDGER_SYSCALLS=all
export SERVE_RELOADS="${SERVE_RELOADS:-1000}" SERVE_DRAINS="${SERVE_DRAINS:-100}"
cargo test --locked --test serve_load --test crash --test ledger_crash --test ledger_syscalls -- --nocapture
