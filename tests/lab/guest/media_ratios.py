"""Prints the measured speeds, and fails if Lifeboat is slower than the faster of the other two programs. The time is
the median for a large file minus the median for a tiny file."""
import statistics, sys


def median(name):
    return statistics.median(float(line) for line in open(name))


size = int(sys.argv[1])
ours, aft, libmtp = (
    size / (median(f"{name}-film.mp4") - median(f"{name}-one.jpg")) / 1e6 for name in sys.argv[2:]
)
faster = max(aft, libmtp)
print(f"FIGURE media device  Lifeboat {ours:6.2f} MB/s, aft-mtp-cli {aft:6.2f}, mtp-getfile {libmtp:6.2f}: {ours / faster:.2f} x the faster")
sys.exit(1 if ours < faster else 0)
