//! How much memory a process has had.

/// The most memory that a process has had, in KiB (proc_pid_status(5), VmHWM); `None` where the system does not tell.
pub fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
