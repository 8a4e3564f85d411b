#![no_main]
//! The parsers of ADB, each by itself: frames, shell packets, banner, and the lines and replies of an adb server.

use lifeboat::protocol::adb::fuzz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else {
        return;
    };
    match which % 5 {
        0 => fuzz::frames(data),
        1 => fuzz::shell_packets(data),
        2 => fuzz::banner(data),
        3 => fuzz::server_reply(data),
        _ => fuzz::server_list(data),
    }
});
