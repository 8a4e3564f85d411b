//! Peak memory use of a process.

/// Returns the peak memory use of a process in KiB (proc_pid_status(5), VmHWM), or `None` if the system does not report
/// it.
pub fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
