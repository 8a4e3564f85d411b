"""Prints the measured speeds, and fails if Lifeboat is slower than required: as fast as adb, and 1.3 times as fast if
the handset offers delayed_ack. Medians are used, so that a slow moment of the machine counts once."""
import statistics, sys

size = int(sys.argv[1])
bare, ours, adbs, ours_windows, adbs_windows = (
    size / statistics.median(float(line) for line in open(file)) / 1e6 for file in sys.argv[2:]
)
print(f"FIGURE a bare loop of bulk reads      {bare:6.2f} MB/s")
slow = False
for way, our, adb, wanted in [("classic", ours, adbs, 1.0), ("delayed_ack", ours_windows, adbs_windows, 1.3)]:
    print(f"FIGURE {way:<11} Lifeboat {our:6.2f} MB/s, adb {adb:6.2f} MB/s: {our / adb:.2f} x adb, {our / bare:.2f} x the loop")
    slow |= our / adb < wanted
sys.exit(1 if slow else 0)
