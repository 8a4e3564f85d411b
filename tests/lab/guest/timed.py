"""Runs `adb pull` and prints how many seconds the file took, by adb's own account."""
import re, subprocess, sys

said = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True)
print(re.search(r"bytes in ([0-9.]+)s", said.stdout + said.stderr)[1])
