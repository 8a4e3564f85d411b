# A storage stick and a smart-card reader are not taken for phones, and their drivers keep them
load usb-storage sd_mod
plug stick
plug reader
until_true test -e /sys/block/sda/size
lifeboat devices > /tmp/list 2> /tmp/advice
holds "nothing is listed" test ! -s /tmp/list
says "No phone is seen on USB" /tmp/advice
holds "the stick is still its driver's" test "$(basename "$(readlink "/sys/bus/usb/devices/${port[stick]}:1.0/driver")")" = usb-storage
exits 1 lifeboat rescue --device "usb:${port[stick]}" --to /tmp/out/none 2> /tmp/why
says "no phone is seen under the name" /tmp/why
unplug stick
