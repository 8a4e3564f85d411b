//! What a test does on a machine that lacks something it needs.

/// Says why a test can't run here. In CI, which sets `LIFEBOAT_CI`, this is a failure.
pub fn cannot_run(why: &str) {
    assert!(
        std::env::var_os("LIFEBOAT_CI").is_none(),
        "{why}: a test that can't run fails here"
    );
    println!("{why}: not tested");
}
