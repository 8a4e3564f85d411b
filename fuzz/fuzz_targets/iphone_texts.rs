#![no_main]
//! Texts of messages and notes in an iPhone's databases.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lifeboat::handset::iphone::fuzz::texts(data));
