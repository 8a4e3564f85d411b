#![no_main]
//! The answers of a media device: a whole session, or one dataset.

use lifeboat::protocol::mtp::fuzz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else {
        return;
    };
    match which % 2 {
        0 => fuzz::session(data),
        _ => fuzz::datasets(data),
    }
});
