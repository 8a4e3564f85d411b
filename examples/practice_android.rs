//! Serves a practice Android: `cargo run --example practice_android -- 127.0.0.1:5555 [FAULTS]`, then
//! `adb connect 127.0.0.1:5555`.

use lifeboat::link::Stop;
use lifeboat::practice::android::{Fault, Settings, fault_help, serve_android};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:5555".into());
    let mut settings = Settings::default();
    for spec in arguments {
        match spec.parse::<Fault>() {
            Ok(fault) => fault.apply(&mut settings),
            Err(error) => return Err(format!("{error}\n\n{}", fault_help()).into()),
        }
    }
    serve_android(address, settings, &Stop::new(), |address, _| {
        println!("adb connect {address}");
    })?;
    Ok(())
}
