//! The one binary. Everything is in the library; here are only what a process has one of: the
//! allocator and the exit code.

use std::process::ExitCode;

// The server allocates small things on many threads; on this load mimalloc takes less time for it
// than the system's allocator, and gives memory back sooner.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    paypier::cli::end_quietly_when_nobody_reads();
    paypier::cli::main()
}
