//! Waiting for a handset that is gone until it can be read again.

use std::time::{Duration, Instant};

use super::progress::Progress;
use crate::handset::find::{Device, OnWait, Opened, Port, State, Wanted};
use crate::model::Stop;

/// How often the ports are polled.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Interval between two checks of the stop flag during a wait.
const NAP: Duration = Duration::from_millis(50);

/// A handset that is expected to come back.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// Last known ID.
    pub id: String,
    /// Serial number as reported by the handset; empty: none reported.
    pub serial: String,
    pub wanted: Wanted,
}

impl Missing {
    fn is(&self, device: &Device) -> bool {
        device.id == self.id || (!self.serial.is_empty() && device.serial == self.serial)
    }

    fn can_be_read(&self, device: &Device) -> bool {
        match self.wanted {
            Wanted::All => device.state == State::Ready,
            Wanted::Files => device.files_alone || device.state == State::Ready,
        }
    }
}

/// Waits until a handset can be read again. During the wait, reports what the handset needs. Stops waiting at `until`,
/// if set. `None`: the wait was given up.
pub fn wait_for(
    port: &dyn Port,
    missing: &Missing,
    until: Option<Instant>,
    on_wait: &OnWait,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Option<Opened> {
    let stop = &match until {
        Some(until) => stop.until(until),
        None => stop.clone(),
    };
    let mut told = String::new();
    loop {
        let all = port.look().devices;
        let mut there: Vec<Device> = all.into_iter().filter(|d| missing.is(d)).collect();
        // If two devices have the same serial number, prefer the one that can be read.
        there.sort_by_key(|device| !missing.can_be_read(device));
        match there.into_iter().next() {
            Some(device) if missing.can_be_read(&device) => {
                let opened = port.open(&device.id, missing.wanted, stop, on_wait.clone());
                if let Ok(opened) = opened
                    && opened.handset.identity().serial == missing.serial
                {
                    stop.lift();
                    return Some(opened);
                }
            }
            Some(device) if !device.advice.is_empty() && device.advice != told => {
                told.clone_from(&device.advice);
                tell(Progress::Needs(device.advice));
            }
            Some(_) | None => {}
        }
        if stop.is_stopped() {
            return None;
        }
        sleep_unless_stopped(LOOK_EVERY, stop);
    }
}

/// Sleeps, unless `stop` is set.
pub fn sleep_unless_stopped(long: Duration, stop: &Stop) {
    let until = Instant::now() + long;
    while !stop.is_stopped() && Instant::now() < until {
        std::thread::sleep(NAP);
    }
}
