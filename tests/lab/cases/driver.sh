# A kernel driver that has the interface is detached for the rescue and attached again at its end
owner=(--contacts 10 --events 3 --todos 2)
phones 1
phone galaxy "${owner[@]}"
modprobe usbserial vendor=0x04e8 product=0x6860
driver() { basename "$(readlink "/sys/bus/usb/devices/${port[galaxy]}:1.0/driver")"; }
until_true eval '[ "$(driver)" = usbserial_generic ]'
holds "there is a serial port" test -c /dev/ttyUSB0
exits 0 lifeboat rescue --device R5CT60PRACT --to /tmp/out/usb
until_true eval '[ "$(driver)" = usbserial_generic ]'
holds "there is one again" test -c /dev/ttyUSB0
over_tcp tcp "${owner[@]}"
same usb tcp
switch_off galaxy
