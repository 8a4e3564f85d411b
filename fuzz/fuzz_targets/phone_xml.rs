#![no_main]
//! Files of SMS Backup & Restore: messages and calls.

use lifeboat::format::phone_xml;
use lifeboat::model::Collection;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for of in [Collection::Messages, Collection::Calls] {
        let read = || {
            let mut records = Vec::new();
            let unread = phone_xml::read("a.xml", "found/a.xml", of, data, &mut |record| {
                records.push(record);
                std::ops::ControlFlow::Continue(())
            });
            (records, unread.expect("bytes in memory can be read"))
        };
        let (records, unread) = read();
        // An element has at least a bracket and a name.
        assert!(records.len() <= data.len() / 4);
        assert_eq!((records, unread), read());
    }
    let _ = phone_xml::kind(data);
});
