"""Runs `adb pull` and prints how many seconds the file took, by adb's own account; `timed.py --wall PROGRAM…`: any program,
by the clock."""
import re, subprocess, sys, time

words = sys.argv[1:]
if words[:1] == ["--wall"]:
    began = time.monotonic()
    subprocess.run(words[1:], check=True, stdout=sys.stderr)
    print(f"{time.monotonic() - began:.3f}")
    sys.exit()
said = subprocess.run(words, check=True, capture_output=True, text=True)
print(re.search(r"bytes in ([0-9.]+)s", said.stdout + said.stderr)[1])
