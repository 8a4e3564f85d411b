//! Devices that send anything: every rescue ends, and only a file's own bytes are called a copy of it.

use std::time::Duration;

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::link::{Link, pipe};
use lifeboat::model::{Advice as _, Collection, Past};
use lifeboat::protocol::mtp::{MtpTime, Options};
use proptest::prelude::*;

use super::support::options;

/// A device that answers each command with the next of these answers, whatever the command is.
fn device(answers: Vec<Vec<u8>>) -> Link {
    let (client, mut device) = pipe::pair();
    std::thread::spawn(move || {
        for answer in answers {
            let mut command = [0; 64];
            if device
                .reader
                .read(&mut command, Duration::from_secs(5))
                .is_err()
            {
                return;
            }
            let transaction = command.get(8..12).unwrap_or_default();
            let mut answer = answer;
            // TTTT stands for the number of the transaction.
            while let Some(at) = answer.windows(4).position(|four| four == b"TTTT") {
                answer.splice(at..at + 4, transaction.iter().copied());
            }
            if device
                .writer
                .write_all(&answer, Duration::from_secs(5))
                .is_err()
            {
                return;
            }
        }
    });
    client
}

fn container(kind: u16, code: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = ((12 + payload.len()) as u32).to_le_bytes().to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(code.to_le_bytes());
    bytes.extend(b"TTTT");
    bytes.extend(payload);
    bytes
}

/// Any answer: data and a response, or one of them, with any code and any length, or arbitrary bytes.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let codes = || {
        prop::sample::select(vec![
            0x1001u16, 0x1004, 0x1005, 0x1007, 0x1008, 0x1009, 0x101b, 0x95c1, 0x9803, 0x1014,
        ])
    };
    let payload = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            // Arrays and strings that claim to be long.
            prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 6, 0x30, 0xff]), 0..120),
        ]
    };
    let data = (codes(), payload()).prop_map(|(code, bytes)| container(2, code, &bytes));
    let response = prop::sample::select(vec![
        0x2001u16, 0x2001, 0x2001, 0x2002, 0x2003, 0x2008, 0x2009, 0x200f, 0x201e,
    ])
    .prop_map(|code| container(3, code, &[]));
    let both = (data, response.clone()).prop_map(|(data, response)| [data, response].concat());
    let lie = (both.clone(), any::<u8>(), 0usize..12).prop_map(|(mut bytes, byte, at)| {
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes
    });
    prop_oneof![
        6 => both,
        4 => response,
        2 => lie,
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

fn hasty() -> Options {
    Options {
        handshake_timeout: Duration::from_millis(200),
        patience: Duration::from_millis(200),
        pause: Duration::from_millis(100),
        ..options()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_a_device_answers_a_survey_ends(
        answers in prop::collection::vec(answer(), 1..30),
        is_polite in any::<bool>(),
    ) {
        let mut all = answers;
        if is_polite {
            // A valid greeting, so that the later answers are reached.
            let mut info = vec![100, 0, 6, 0, 0, 0, 100, 0, 0, 0, 0];
            info.extend([0; 20]);
            all.insert(0, [container(2, 0x1001, &info), container(3, 0x2001, &[])].concat());
            all.insert(0, container(3, 0x2001, &[]));
        }
        if let Ok(mut handset) = MediaDevice::open(device(all), &hasty()) {
            let _ = handset.health();
            if let Ok(holding) = handset.survey(Collection::Files, &Past::default()) {
                prop_assert!(holding.handset_says.is_some() || holding.unreadable.is_some());
            }
        }
    }

    #[test]
    fn any_text_is_a_time_or_none(text in "[0-9TZ+.:-]{0,24}|\\PC{0,24}") {
        let _ = MtpTime::parse(&text);
    }

    /// Times in the form that devices use are read correctly.
    #[test]
    fn times_are_read_as_they_are_written(seconds in 0i64..4_000_000_000, minutes in -900i32..900) {
        let clock = chrono::DateTime::from_timestamp(seconds, 0).expect("a time").naive_utc();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let text = format!("{}{sign}{hours:02}{rest:02}", clock.format("%Y%m%dT%H%M%S"));
        let time = MtpTime::parse(&text).expect("a time");
        prop_assert_eq!((time.clock, time.offset), (clock, Some(minutes * 60)));
    }
}

#[test]
fn a_device_that_says_nothing_is_not_waited_for_long() {
    let (client, _device) = pipe::pair();
    let error = MediaDevice::open(client, &hasty())
        .err()
        .expect("no answer");
    assert!(error.is_link_lost());
    assert!(
        error.advice().contains("plug it in again"),
        "{}",
        error.advice()
    );
}

#[test]
fn a_device_that_floods_is_given_up() {
    let (client, mut device) = pipe::pair();
    std::thread::spawn(move || {
        while device
            .writer
            .write_all(&[7; 1 << 16], Duration::from_secs(2))
            .is_ok()
        {}
    });
    let error = MediaDevice::open(client, &hasty()).err().expect("a flood");
    assert!(error.to_string().contains("another program"), "{error}");
}
