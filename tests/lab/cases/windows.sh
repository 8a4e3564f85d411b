# A phone with delayed_ack is read through windows and gives the same files
owner=(--contacts 40 --events 15 --todos 5 --seed 13)
phones 1
phone pixel "${owner[@]}" --fault android=34
record pixel
exits 0 lifeboat rescue --device R5CT60PRACT --to /tmp/out/usb
recorded
over_tcp tcp "${owner[@]}" --fault android=34
same usb tcp
python3 "$LAB/guest/traffic.py" /job/traffic
# OPEN, the client's stream number, and the window: 1 MiB, little-endian.
holds "streams are opened with a window" grep -qE 'S Bo:.* = 4f50454e [0-9a-f]{8} 00001000' /job/traffic
holds "none without" eval '! grep -qE "S Bo:.* = 4f50454e [0-9a-f]{8} 00000000" /job/traffic'
say "Debian's adb, which knows none of it"
until_true eval 'adb devices | grep -w device'
exits 0 adb shell true
adb kill-server
switch_off pixel
