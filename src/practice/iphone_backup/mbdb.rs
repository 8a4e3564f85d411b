//! Writes `Manifest.mbdb`.

/// A record of the list.
pub struct Record<'a> {
    pub domain: &'a str,
    pub path: &'a str,
    pub digest: Option<&'a [u8]>,
    pub key: Option<&'a [u8]>,
    pub mode: u16,
    pub modified: i64,
    pub size: u64,
    pub class: u8,
}

/// Writes the whole list.
pub fn list(records: &[Record<'_>]) -> Vec<u8> {
    let mut list = b"mbdb\x05\0".to_vec();
    for (inode, record) in (1u64..).zip(records) {
        let time = u32::try_from(record.modified).unwrap_or_default();
        for value in [
            Some(record.domain.as_bytes()),
            Some(record.path.as_bytes()),
            None,
            record.digest,
            record.key,
        ] {
            match value {
                Some(value) => {
                    list.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
                    list.extend(value);
                }
                None => list.extend([0xff, 0xff]),
            }
        }
        list.extend(record.mode.to_be_bytes());
        list.extend(inode.to_be_bytes());
        list.extend(501u32.to_be_bytes());
        list.extend(501u32.to_be_bytes());
        for _ in 0..3 {
            list.extend(time.to_be_bytes());
        }
        list.extend(record.size.to_be_bytes());
        // Some records have properties.
        let has_property = inode % 3 == 0;
        list.extend([record.class, u8::from(has_property)]);
        if has_property {
            list.extend([0, 4]);
            list.extend(b"name");
            list.extend([0, 5]);
            list.extend(b"value");
        }
    }
    list
}
