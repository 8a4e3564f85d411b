# Debian's adb accepts the practice handset as a phone: it lists it, runs a command and pulls a file
phones 1
phone pixel --contacts 20 --events 5 --todos 2 --fault photos=3,android=33
adb devices -l > /tmp/list 2>&1 || true
until_true eval 'adb devices -l > /tmp/list; grep "device usb:" /tmp/list'
cat /tmp/list
says "R5CT60PRACT device usb:${port[pixel]}" /tmp/list
adb shell getprop ro.build.version.sdk > /tmp/sdk
holds "a command's output comes back" grep -qx 33 /tmp/sdk
exits 1 adb shell false
photo=$(adb shell content query --uri content://media/external/images/media --projection _data | head -1 | tr -d '\r' | sed 's/.*_data=//')
adb pull "$photo" /tmp/one.jpg
adb exec-out cat "$photo" > /tmp/two.jpg || true
adb pull "$photo" /tmp/three.jpg
holds "the same file twice" cmp /tmp/one.jpg /tmp/three.jpg
holds "it is a JPEG" eval '[ "$(head -c 2 /tmp/one.jpg | od -An -tx1)" = " ff d8" ]'
adb kill-server
say "a second adb server, on a bus that the first one left as it was"
until_true eval 'adb devices | grep -w device'
exits 0 adb shell true
adb kill-server
switch_off pixel
