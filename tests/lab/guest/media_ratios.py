"""Prints the speeds that were measured, and fails where Lifeboat is slower than the faster of the two others. Medians
of the times for a large file, less those for a tiny one."""
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
