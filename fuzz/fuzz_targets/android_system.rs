#![no_main]
//! What an Android's system commands print: properties, users, battery, packages, accounts.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lifeboat::handset::android::fuzz::system(data));
