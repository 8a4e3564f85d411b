"""Checks the traffic of a bus during a rescue: `traffic.py FILE [stalls|media]`, with usbmon's output in FILE (kernel:
Documentation/usb/usbmon.rst, raw text format).

Nothing may select a configuration or reset a device. Reads must ask for whole packets. A write that fills its last
packet must be followed by an empty packet, or adbd waits for more."""
import sys

PACKET = 512
SET_CONFIGURATION, SET_INTERFACE, CLEAR_FEATURE = 0x09, 0x0B, 0x01
# Request type, request (SET_FEATURE) and feature (USB 2.0, tables 11-15 and 11-17).
PORT_RESET = (0x23, 0x03, 4)
requests, reads, writes, open_writes, zero = {}, 0, 0, {}, 0
faults = []
for line in open(sys.argv[1]):
    words = line.split()
    if len(words) < 5 or words[2] != "S":
        continue
    kind, bus, device, endpoint = words[3].split(":")
    if kind == "Co":
        request_type, request = int(words[5], 16), int(words[6], 16)
        # Other requests to a hub (class requests, 0x23 and 0x20) come from the kernel. A reset also goes to the hub.
        if (request_type, request, int(words[7], 16)) == PORT_RESET:
            faults.append("a device was reset")
        if request_type & 0x60 == 0:
            requests[request] = requests.get(request, 0) + 1
    elif kind in ("Bi", "Bo"):
        length = int(words[5])
        place = (bus, device, endpoint)
        if kind == "Bi":
            reads += 1
            if length % PACKET:
                faults.append(f"a read of {length} bytes: a full packet would not fit")
        else:
            writes += 1
            if length == 0:
                zero += 1
                if not open_writes.pop(place, False):
                    faults.append("a packet without bytes that ends nothing")
            else:
                if open_writes.get(place):
                    faults.append("a write that filled its last packet was not ended before the next")
                open_writes[place] = length % PACKET == 0
for name, request in [("SET_CONFIGURATION", SET_CONFIGURATION), ("SET_INTERFACE", SET_INTERFACE)]:
    if request in requests:
        faults.append(f"{name} was sent {requests[request]} times")
if any(open_writes.values()):
    faults.append("the last write was not ended")
others = {f"{request:02x}": count for request, count in requests.items() if request != CLEAR_FEATURE}
if others:
    faults.append(f"control requests that are not needed: {others}")
print(f"{reads} reads, {writes} writes, {zero} of them without bytes, CLEAR_FEATURE {requests.get(CLEAR_FEATURE, 0)} times")
# No command to a media device fills a packet.
if sys.argv[2:] == ["media"] and zero:
    faults.append("packets without bytes were sent")
if sys.argv[2:] == ["stalls"] and requests.get(CLEAR_FEATURE, 0) < 4:
    faults.append("nothing stalled, or no stall was cleared")
if not reads or not writes:
    faults.append("nothing was recorded")
for fault in faults[:20]:
    print(fault)
sys.exit(1 if faults else 0)
