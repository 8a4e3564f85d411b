"""Runs `adb pull` and prints the seconds that adb reports for the file. `timed.py --wall PROGRAM…` runs any program and
prints its elapsed seconds."""
import re, subprocess, sys, time

words = sys.argv[1:]
if words[:1] == ["--wall"]:
    began = time.monotonic()
    subprocess.run(words[1:], check=True, stdout=sys.stderr)
    print(f"{time.monotonic() - began:.3f}")
    sys.exit()
said = subprocess.run(words, check=True, capture_output=True, text=True)
print(re.search(r"bytes in ([0-9.]+)s", said.stdout + said.stderr)[1])
