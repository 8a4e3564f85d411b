//! What a test does where the machine lacks something that it needs.

/// Says why a test can't do its work here. In CI, which sets `LIFEBOAT_CI`, it must be able to.
pub fn cannot_run(why: &str) {
    assert!(
        std::env::var_os("LIFEBOAT_CI").is_none(),
        "{why}: a test that can't run fails here"
    );
    println!("{why}: not tested");
}
