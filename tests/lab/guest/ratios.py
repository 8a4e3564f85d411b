"""Prints the measured speeds, and fails if Lifeboat is much slower than adb. Usual ratios are 1.1 to 1.3 x adb, and 1.4
to 1.7 x if the handset offers delayed_ack; the limits allow for the load of the machine. Medians are used, so that a
slow moment counts once."""
import statistics, sys

size = int(sys.argv[1])
bare, ours, adbs, ours_windows, adbs_windows = (
    size / statistics.median(float(line) for line in open(file)) / 1e6 for file in sys.argv[2:]
)
print(f"FIGURE a bare loop of bulk reads      {bare:6.2f} MB/s")
slow = False
for way, our, adb, wanted in [("classic", ours, adbs, 0.7), ("delayed_ack", ours_windows, adbs_windows, 0.9)]:
    print(f"FIGURE {way:<11} Lifeboat {our:6.2f} MB/s, adb {adb:6.2f} MB/s: {our / adb:.2f} x adb, {our / bare:.2f} x the loop")
    slow |= our / adb < wanted
sys.exit(1 if slow else 0)
