//! Phones that run no operating system: they wait in a loader of the chip or of the maker, and look dead.
//!
//! The numbers come from programs that talk to such loaders: bkerler's mtkclient and edl, Heimdall, flash tools for
//! Sony phones such as Newflasher, Rockchip's rkdeveloptool, sunxi-tools, hisi-idt, Spreadtrum's spd_dump, the kernel's
//! option.c, and the community's udev rules for Android.

use super::usb::UsbDevice;

/// Why a phone runs no operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loader {
    /// The chip's own loader: the phone found nothing to start, or the user pressed the keys for it.
    Chip,
    /// The maker's mode for installing a system.
    Flash,
    /// The system crashed, and the chip offers a dump of its memory.
    Crash,
}

const LOADERS: [(u16, u16, Loader); 40] = {
    use Loader::{Chip, Crash, Flash};
    [
        // Nokia's ROM, and the update modes of its older phones.
        (0x0421, 0x0105, Flash),
        (0x0421, 0x0106, Flash),
        // Texas Instruments' OMAP.
        (0x0451, 0xd00d, Chip),
        (0x0451, 0xd00e, Chip),
        (0x0451, 0xd00f, Chip),
        (0x0451, 0xd010, Chip),
        // Samsung's Exynos and S5P.
        (0x04e8, 0x1234, Chip),
        // Qualcomm: emergency download, download, crash dump.
        (0x05c6, 0x9008, Chip),
        (0x05c6, 0x9006, Crash),
        (0x05c6, 0x900e, Crash),
        // Qualcomm's emergency download under ZTE's and Sony's numbers.
        (0x19d2, 0x0076, Chip),
        (0x0fce, 0x9dde, Chip),
        (0x0fce, 0xade3, Chip),
        (0x0fce, 0xade5, Chip),
        (0x0fce, 0xaded, Chip),
        // Nvidia's Tegra.
        (0x0955, 0x7330, Chip),
        (0x0955, 0x7340, Chip),
        (0x0955, 0x7820, Chip),
        // MediaTek: boot ROM, preloader, download agent, META mode.
        (0x0e8d, 0x0003, Chip),
        (0x0e8d, 0x2000, Chip),
        (0x0e8d, 0x2001, Flash),
        (0x0e8d, 0x2006, Flash),
        (0x0e8d, 0x2007, Flash),
        (0x0e8d, 0x20ff, Chip),
        (0x0e8d, 0x3000, Chip),
        (0x0e8d, 0x6000, Chip),
        (0x1004, 0x6000, Chip),
        (0x22d9, 0x0006, Chip),
        // Sony: flash mode, and MediaTek's boot ROM under Sony's number.
        (0x0fce, 0xadde, Flash),
        (0x0fce, 0xd1dd, Chip),
        (0x0fce, 0xd1e2, Chip),
        (0x0fce, 0xd1e9, Chip),
        (0x0fce, 0xd1ec, Chip),
        (0x0fce, 0xf200, Chip),
        // HiSilicon's Kirin.
        (0x12d1, 0x3609, Chip),
        // Unisoc.
        (0x1782, 0x4d00, Chip),
        // Allwinner.
        (0x1f3a, 0xefe8, Chip),
        // Intel.
        (0x8086, 0xe004, Chip),
        (0x8087, 0x09ef, Chip),
        (0x8087, 0x0a65, Chip),
    ]
};

/// Rockchip gives the loader of each chip its own product number.
const ROCKCHIP: u16 = 0x2207;

/// Product names that loaders report, in lower case.
const NAMES: [(&str, Loader); 7] = [
    ("qhsusb_dload", Loader::Chip),
    ("qhsusb__bulk", Loader::Crash),
    ("qusb_bulk", Loader::Chip),
    ("s1boot download", Loader::Flash),
    ("somc flash device", Loader::Flash),
    ("gordon's gate", Loader::Flash),
    ("preloader", Loader::Chip),
];

/// Returns the loader that a device is in; `None` if it runs a system or the loader is unknown.
pub fn of(device: &UsbDevice) -> Option<Loader> {
    let numbers = (device.vendor_id, device.product_id);
    if let Some((.., loader)) = LOADERS.iter().find(|row| (row.0, row.1) == numbers) {
        return Some(*loader);
    }
    if device.vendor_id == ROCKCHIP && (0x2900..=0x3fff).contains(&device.product_id) {
        return Some(Loader::Chip);
    }
    let product = device.product.as_deref()?.to_ascii_lowercase();
    let named = NAMES.iter().find(|(name, _)| product.contains(name));
    named.map(|(_, loader)| *loader)
}
