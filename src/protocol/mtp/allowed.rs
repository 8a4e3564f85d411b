//! The allow-list: all that can be asked of a media device. Every command is made of one of these rows, and rows can be
//! made in this file alone. No operation here has a data phase to the device, and nothing else ever sends one: the code
//! for it does not exist. Nothing here writes, deletes, formats, moves, powers down or resets (PTP: ISO 15740, chapter
//! 10; MTP 1.1, appendix D; Android's extension: AOSP `media/mtp/mtp.h`).

/// What a device can be asked.
#[rustfmt::skip]
pub const OPERATIONS: [Operation; 12] = [
    GET_DEVICE_INFO, OPEN_SESSION, CLOSE_SESSION, GET_STORAGE_IDS, GET_STORAGE_INFO, GET_OBJECT_HANDLES, GET_OBJECT_INFO,
    GET_OBJECT, GET_DEVICE_PROP_DESC, GET_PARTIAL_OBJECT, GET_OBJECT_PROP_VALUE, GET_PARTIAL_OBJECT_64,
];
/// Make, model, serial number, and what the device can be asked.
pub const GET_DEVICE_INFO: Operation = Operation(0x1001, "GetDeviceInfo", 0);
/// A session's number.
pub const OPEN_SESSION: Operation = Operation(0x1002, "OpenSession", 1);
pub const CLOSE_SESSION: Operation = Operation(0x1003, "CloseSession", 0);
pub const GET_STORAGE_IDS: Operation = Operation(0x1004, "GetStorageIDs", 0);
/// A storage.
pub const GET_STORAGE_INFO: Operation = Operation(0x1005, "GetStorageInfo", 1);
/// A storage, a format (0: all), a folder.
pub const GET_OBJECT_HANDLES: Operation = Operation(0x1007, "GetObjectHandles", 3);
/// An object: a file or a folder.
pub const GET_OBJECT_INFO: Operation = Operation(0x1008, "GetObjectInfo", 1);
/// A file.
pub const GET_OBJECT: Operation = Operation(0x1009, "GetObject", 1);
/// A property: what it is now, and between which bounds.
pub const GET_DEVICE_PROP_DESC: Operation = Operation(0x1014, "GetDevicePropDesc", 1);
/// A file, the place of its first byte, the most bytes.
pub const GET_PARTIAL_OBJECT: Operation = Operation(0x101b, "GetPartialObject", 3);
/// An object and a property of it.
pub const GET_OBJECT_PROP_VALUE: Operation = Operation(0x9803, "GetObjectPropValue", 2);
/// A file, the place of its first byte in two halves, the most bytes.
pub const GET_PARTIAL_OBJECT_64: Operation = Operation(0x95c1, "GetPartialObject64", 4);

/// A row of [`OPERATIONS`]: code, name, and how many parameters it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(u16, &'static str, usize);

impl Operation {
    pub const fn code(self) -> u16 {
        self.0
    }

    pub const fn name(self) -> &'static str {
        self.1
    }

    /// How many parameters it takes, each 32 bits.
    pub const fn parameters(self) -> usize {
        self.2
    }
}
