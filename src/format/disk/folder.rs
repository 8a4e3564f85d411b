//! The sectors of a folder: where it ends, and which of them were lost.

use super::clusters::{SECTOR, is_fill};

/// Bytes of a directory entry.
const ENTRY: usize = 32;

/// Makes sectors that were erased look like deleted entries, by filling them with `gap`. True if there are any.
///
/// A folder ends with the first entry whose first byte is zero (FAT: General Overview of On-Disk Format 1.03, "FAT
/// Directory Structure"; exFAT file system specification, 6.2.1): what is left behind it is not living. But storage is
/// lost by whole sectors. One of zeros between names ends nothing: zeros stand for what was lost, as in an image that was
/// made around damage. One that [repeats the same few bytes](is_fill) is what erased flash returns. With `has_gaps` some
/// are filled already, where reading failed. What stands behind zeros and holds no entries, as `is_entry` knows them, is no
/// part of the folder: some cameras leave it there.
pub(super) fn mend(
    bytes: &mut [u8],
    gap: u8,
    has_gaps: bool,
    is_entry: impl Fn(&[u8]) -> bool,
) -> bool {
    let (mut erased, mut waiting) = (false, Vec::new());
    let mut lost = Vec::new();
    for (number, sector) in bytes.chunks(SECTOR).enumerate() {
        if sector.iter().all(|byte| *byte == 0) {
            waiting.push(number);
        } else if sector.iter().all(|byte| *byte == gap) && has_gaps {
            // Behind zeros, it tells nothing.
        } else if is_fill(sector) {
            if waiting.is_empty() {
                lost.push(number);
                erased = true;
            } else {
                waiting.push(number);
            }
        } else if ends(sector, !waiting.is_empty(), &is_entry) {
            break;
        } else {
            erased |= !waiting.is_empty();
            lost.append(&mut waiting);
            if sector.chunks(ENTRY).any(is_unused) {
                break;
            }
        }
    }
    for number in lost {
        let sector = bytes.chunks_mut(SECTOR).nth(number);
        sector.unwrap_or_default().fill(gap);
    }
    erased
}

/// True if a folder ends before a sector: with an end in its first place, or, behind zeros, since it holds no entries.
fn ends(sector: &[u8], is_behind_zeros: bool, is_entry: impl Fn(&[u8]) -> bool) -> bool {
    let mut entries = sector.chunks(ENTRY);
    sector.first() == Some(&0)
        || (is_behind_zeros && !entries.all(|entry| is_unused(entry) || is_entry(entry)))
}

/// True if the last name ends where a sector does: if there was another, nothing tells of it.
pub(super) fn ends_with_sector(bytes: &[u8]) -> bool {
    let end = bytes.chunks(ENTRY).position(is_unused);
    end.is_none_or(|end| end.is_multiple_of(SECTOR / ENTRY))
}

/// True if entries stand behind the end: what was there before, or what is living and an end was put before it.
pub(super) fn has_remains(bytes: &[u8], gap: u8, is_entry: impl Fn(&[u8]) -> bool) -> bool {
    let mut behind = bytes.chunks(ENTRY).skip_while(|entry| !is_unused(entry));
    behind.any(|entry| !is_unused(entry) && entry.first() != Some(&gap) && is_entry(entry))
}

fn is_unused(entry: &[u8]) -> bool {
    entry.first() == Some(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: u8 = 0xe5;

    /// A sector of entries whose first bytes are these; the others are not alike.
    fn names(firsts: &[u8]) -> Vec<u8> {
        let mut sector: Vec<u8> = (0..SECTOR)
            .map(|at| (at * 7 / 3 + at / 32) as u8 | 1)
            .collect();
        for (entry, first) in sector.chunks_mut(ENTRY).zip(firsts) {
            entry[0] = *first;
        }
        sector
    }

    fn filled(byte: u8) -> Vec<u8> {
        vec![byte; SECTOR]
    }

    /// Whether sectors were erased, and which are taken for gaps.
    fn mended(sectors: &[Vec<u8>], has_gaps: bool) -> (bool, Vec<usize>) {
        let mut bytes = sectors.concat();
        let erased = mend(&mut bytes, GAP, has_gaps, |entry| {
            matches!(entry[0], b'A' | b'B')
        });
        let gaps = bytes.chunks(SECTOR).enumerate();
        let gaps = gaps.filter(|(_, sector)| sector.iter().all(|byte| *byte == GAP));
        (erased, gaps.map(|(number, _)| number).collect())
    }

    #[test]
    fn sectors_that_were_erased_are_told_from_the_end() {
        let (full, ends) = (names(b"AAAAAAAAAAAAAAAA"), names(b"AA\0BBBBBBBBBBBBB"));
        let (zeros, remains) = (filled(0), names(b"\0BBBBBBBBBBBBBBB"));
        // Healthy: with an end in a sector, between two, behind remains, and before flash that was never written.
        for healthy in [
            vec![full.clone(), ends.clone()],
            vec![full.clone(), zeros.clone(), zeros.clone()],
            vec![full.clone(), ends.clone(), full.clone()],
            vec![full.clone(), remains.clone(), full.clone()],
            vec![ends.clone(), filled(0xff)],
            vec![full.clone(), zeros.clone(), filled(0xff)],
            vec![
                full.clone(),
                zeros.clone(),
                names(b"??????????????AA"),
                full.clone(),
            ],
            vec![full.clone(), full.clone()],
        ] {
            assert_eq!(mended(&healthy, false), (false, vec![]));
        }
        assert_eq!(
            mended(&[full.clone(), zeros.clone(), ends.clone()], false),
            (true, vec![1])
        );
        assert_eq!(
            mended(&[zeros.clone(), zeros, ends.clone()], false),
            (true, vec![0, 1])
        );
        let pair: Vec<u8> = b"\xde\xad\xbe\xef".repeat(SECTOR / 4);
        for fill in [filled(0xff), filled(0xaa), filled(GAP), pair] {
            let sectors = [full.clone(), fill, ends.clone()];
            assert_eq!(mended(&sectors, false), (true, vec![1]));
        }
        // What could not be read is known.
        assert_eq!(mended(&[full, filled(GAP), ends], true), (false, vec![1]));
    }

    #[test]
    fn entries_behind_the_end_are_noticed() {
        let is_entry = |entry: &[u8]| matches!(entry[0], b'B');
        assert!(has_remains(&names(b"AA\0BBBBBBBBBBBBB"), GAP, is_entry));
        for none in [
            b"AAAAAAAAAAAAAAAA",
            b"BBBBBBBBBBBBBBB\0",
            b"BB\0?????????????",
        ] {
            assert!(!has_remains(&names(none), GAP, is_entry));
        }
    }

    #[test]
    fn a_folder_that_ends_between_two_sectors_is_known() {
        assert!(ends_with_sector(
            &[names(b"AAAAAAAAAAAAAAAA"), filled(0)].concat()
        ));
        assert!(ends_with_sector(&names(b"AAAAAAAAAAAAAAAA")));
        assert!(!ends_with_sector(&names(b"AA\0BBBBBBBBBBBBB")));
    }
}
