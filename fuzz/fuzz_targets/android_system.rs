#![no_main]
//! The output of Android's system commands: properties, users, battery, packages, accounts.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lifeboat::handset::android::fuzz::system(data));
