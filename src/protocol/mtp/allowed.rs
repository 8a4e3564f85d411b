//! The allow-list: everything that can be requested from a media device. Every command is built from one of these rows,
//! and only this file can create rows. No operation here has a data phase to the device, and there is no code that
//! could send one. Nothing here writes, deletes, formats, moves, powers down or resets (PTP: ISO 15740, chapter 10; MTP
//! 1.1, appendix D; Android's extension: AOSP `media/mtp/mtp.h`).

/// Operations that can be requested.
#[rustfmt::skip]
pub const OPERATIONS: [Operation; 12] = [
    GET_DEVICE_INFO, OPEN_SESSION, CLOSE_SESSION, GET_STORAGE_IDS, GET_STORAGE_INFO, GET_OBJECT_HANDLES, GET_OBJECT_INFO,
    GET_OBJECT, GET_DEVICE_PROP_DESC, GET_PARTIAL_OBJECT, GET_OBJECT_PROP_VALUE, GET_PARTIAL_OBJECT_64,
];
/// Returns make, model, serial number, and the operations that the device supports.
pub const GET_DEVICE_INFO: Operation = Operation(0x1001, "GetDeviceInfo", 0);
/// Takes the ID of the session.
pub const OPEN_SESSION: Operation = Operation(0x1002, "OpenSession", 1);
pub const CLOSE_SESSION: Operation = Operation(0x1003, "CloseSession", 0);
pub const GET_STORAGE_IDS: Operation = Operation(0x1004, "GetStorageIDs", 0);
/// Takes a storage.
pub const GET_STORAGE_INFO: Operation = Operation(0x1005, "GetStorageInfo", 1);
/// Takes a storage, a format (0: all) and a folder.
pub const GET_OBJECT_HANDLES: Operation = Operation(0x1007, "GetObjectHandles", 3);
/// Takes an object: a file or a folder.
pub const GET_OBJECT_INFO: Operation = Operation(0x1008, "GetObjectInfo", 1);
/// Takes a file.
pub const GET_OBJECT: Operation = Operation(0x1009, "GetObject", 1);
/// Takes a property, and returns its current value and its range.
pub const GET_DEVICE_PROP_DESC: Operation = Operation(0x1014, "GetDevicePropDesc", 1);
/// Takes a file, the offset of the first byte, and the maximum number of bytes.
pub const GET_PARTIAL_OBJECT: Operation = Operation(0x101b, "GetPartialObject", 3);
/// Takes an object and one of its properties.
pub const GET_OBJECT_PROP_VALUE: Operation = Operation(0x9803, "GetObjectPropValue", 2);
/// Takes a file, the offset of the first byte in two halves, and the maximum number of bytes.
pub const GET_PARTIAL_OBJECT_64: Operation = Operation(0x95c1, "GetPartialObject64", 4);

/// A row of [`OPERATIONS`]: code, name and number of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(u16, &'static str, usize);

impl Operation {
    pub const fn code(self) -> u16 {
        self.0
    }

    pub const fn name(self) -> &'static str {
        self.1
    }

    /// Returns the number of parameters, each of 32 bits.
    pub const fn parameters(self) -> usize {
        self.2
    }
}
