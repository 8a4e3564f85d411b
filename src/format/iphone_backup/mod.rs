//! What a backup of an iPhone consists of, below its files: the list of files in its two forms, the keys, and the
//! encryption. The formats are described in field notes of forensic tools (iphone-dataprotection, iphone_backup_decrypt,
//! pyiosbackup), and in Apple's platform security guide.

mod cipher;
mod keybag;
mod mbdb;
mod mbfile;
pub mod pbkdf2;

pub use cipher::{BLOCK, Decryption, Key, WRAPPED, decrypt_10_0, unwrap};
pub use keybag::{ClassKeys, Keybag, KeybagError, UnlockError};
pub use mbdb::{Mbdb, MbdbError};
pub use mbfile::mbfile;

use sha1::{Digest as _, Sha1};

/// The name of a file in the folder of a backup, as bytes.
pub type FileId = [u8; 20];

/// The kinds of entries in the list of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EntryKind {
    #[default]
    File,
    Folder,
    Link,
}

/// One entry of a backup's list of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub kind: EntryKind,
    pub domain: String,
    pub path: String,
    /// The file's name in the folder.
    pub id: FileId,
    /// In bytes, without the encryption's padding.
    pub size: u64,
    /// In seconds since 1970; 0 if not known.
    pub modified: i64,
    pub born: i64,
    /// Which of the [`ClassKeys`] encrypts the file's own key.
    pub class: u32,
    /// The file's own key, wrapped by its class key; only in encrypted backups.
    pub key: Option<Vec<u8>>,
    /// SHA-1 of the file's bytes. Phones give it for some files.
    pub digest: Option<[u8; 20]>,
}

/// Returns the name of a file in the folder of a backup.
pub fn file_id(domain: impl AsRef<[u8]>, path: impl AsRef<[u8]>) -> FileId {
    Sha1::new()
        .chain_update(domain)
        .chain_update("-")
        .chain_update(path)
        .finalize()
        .into()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_names_that_phones_give_them() {
        for (domain, path, name) in [
            (
                "HomeDomain",
                "Library/AddressBook/AddressBook.sqlitedb",
                "31bb7ba8914766d4ba40d6dfb6113c8b614be442",
            ),
            (
                "HomeDomain",
                "Library/SMS/sms.db",
                "3d0d7e5fb2ce288813306e4d4636395e047a3d28",
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/Photos.sqlite",
                "12b144c0bd44f2b3dffd9186d3f9c05b917cee25",
            ),
        ] {
            assert_eq!(hex(&file_id(domain, path)), name);
        }
    }
}
