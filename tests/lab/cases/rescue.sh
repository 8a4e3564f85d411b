# A phone rescued over USB gives the same files, byte for byte, as over TCP
owner=(--contacts 60 --events 30 --todos 8 --seed 3)
phones 1
phone galaxy "${owner[@]}"
lifeboat devices > /tmp/list 2> /tmp/advice
cat /tmp/list
says "R5CT60PRACT Samsung" /tmp/list
says "ready adb (USB)" /tmp/list
record galaxy
exits 0 lifeboat rescue --device R5CT60PRACT --to /tmp/out/usb --json > /tmp/usb.json
recorded
over_tcp tcp "${owner[@]}"
same usb tcp
python3 "$LAB/guest/traffic.py" /job/traffic
holds "the bag is whole" lifeboat verify /tmp/out/usb/*
say "the interface was let go: adb takes the phone now"
until_true eval 'adb devices | grep -w device'
adb kill-server
switch_off galaxy
