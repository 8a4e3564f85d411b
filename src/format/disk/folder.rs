//! The sectors of a folder: finds its end, and sectors that were lost.

use super::clusters::{SECTOR, is_fill};

/// Size of a directory entry, in bytes.
const ENTRY: usize = 32;

/// Fills erased sectors with `gap`, so that they look like deleted entries. Returns true if there are any.
///
/// A folder ends at the first entry whose first byte is zero (FAT: General Overview of On-Disk Format 1.03, "FAT
/// Directory Structure"; exFAT file system specification, 6.2.1); entries after it are not in use. But storage is
/// lost in whole sectors. A sector of zeros between names does not end the folder: the zeros stand for lost data, as
/// in an image made around damage. A sector that [repeats the same few bytes](is_fill) is what erased flash returns.
/// With `has_gaps`, sectors that could not be read are already filled. Data after zeros that holds no entries, as
/// checked by `is_entry`, is not part of the folder: some cameras leave such data there.
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
            // After zeros, such a sector says nothing.
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

/// True if a folder ends before this sector: the sector starts with an end mark, or it follows zeros and holds no
/// entries.
fn ends(sector: &[u8], is_behind_zeros: bool, is_entry: impl Fn(&[u8]) -> bool) -> bool {
    let mut entries = sector.chunks(ENTRY);
    sector.first() == Some(&0)
        || (is_behind_zeros && !entries.all(|entry| is_unused(entry) || is_entry(entry)))
}

/// True if the last name ends at a sector boundary. A lost sector after it would leave no trace.
pub(super) fn ends_with_sector(bytes: &[u8]) -> bool {
    let end = bytes.chunks(ENTRY).position(is_unused);
    end.is_none_or(|end| end.is_multiple_of(SECTOR / ENTRY))
}

/// True if entries follow the end mark: old entries, or live entries before which an end mark was written by mistake.
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

    /// Builds a sector of entries with these first bytes. The rest of each entry differs.
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

    /// Returns whether sectors were erased, and the numbers of the sectors treated as gaps.
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
        // Healthy folders: with an end inside a sector, between two sectors, before old entries, and before flash
        // that was never written.
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
        // Sectors that could not be read are already known.
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
