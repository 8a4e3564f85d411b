#![no_main]
//! Tables as the driver reads them: exact rows, second looks, SIM phonebooks, refusals.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lifeboat::handset::android::fuzz::rows(data));
