"""Checks the traffic of a bus while a card was read: `commands.py FILE`, with usbmon's output in FILE (kernel:
Documentation/usb/usbmon.rst, raw text format).

The only outgoing data are command block wrappers of 31 bytes with a reading command that transfers to the computer. The
only other requests are Get Max LUN and the clearing of a halt. Nothing resets a device or selects a setting."""
import sys

READS = {0x00, 0x03, 0x12, 0x25, 0x28, 0x88, 0x9E}
GET_MAX_LUN, CLEAR_FEATURE = (0xA1, 0xFE), (0x02, 0x01)
PORT_RESET = (0x23, 0x03, 4)
faults, commands = [], {}
for line in open(sys.argv[1]):
    words = line.split()
    if len(words) < 5 or words[2] != "S":
        continue
    kind = words[3].split(":")[0]
    if kind in ("Co", "Ci"):
        asked = (int(words[5], 16), int(words[6], 16))
        if (*asked, int(words[7], 16)) == PORT_RESET:
            faults.append("a device was reset")
        # Requests to a hub come from the kernel.
        if asked[0] & 0x1F in (0, 1, 2) and asked[0] & 0x60 != 0x20 and asked not in (GET_MAX_LUN, CLEAR_FEATURE):
            # Any program that opens a device reads its descriptors.
            if asked != (0x80, 0x06):
                faults.append(f"a control request {asked[0]:02x} {asked[1]:02x}")
        if asked[0] == 0x21 and asked[1] == 0xFF:
            faults.append("Bulk-Only Mass Storage Reset")
    elif kind == "Bo":
        data = bytes.fromhex("".join(words[7:]))
        if int(words[5]) != 31 or data[:4] != b"USBC" or data[12] != 0x80 or data[15] not in READS:
            faults.append(f"{words[5]} bytes went out: {data.hex()}")
        else:
            commands[data[15]] = commands.get(data[15], 0) + 1
print({f"{code:02x}": count for code, count in sorted(commands.items())})
# The first read must fail, and its sense data must be read.
if not commands.get(0x28) or not commands.get(0x03):
    faults.append("no read, or none that failed at first")
for fault in faults[:20]:
    print(fault)
sys.exit(1 if faults else 0)
