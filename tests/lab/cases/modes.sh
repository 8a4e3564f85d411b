# Phones that only charge or only transfer files are recognised, and their owner is told what to do
phones 2
phone charging --fault seen-as=charging
lifeboat devices > /tmp/list 2> /tmp/advice
says "Samsung SM-A536B needs you" /tmp/list
says "The phone is connected, but it only charges" /tmp/advice
says "at the end of the list: turn on “USB debugging”" /tmp/advice
exits 1 lifeboat rescue --device "usb:${port[charging]}" --to /tmp/out/none 2> /tmp/why
says "can't be read yet" /tmp/why
unplug charging

say "QEMU's MTP device"
plug media
lifeboat devices > /tmp/list 2> /tmp/advice
says "needs you mtp (USB)" /tmp/list
says "USB debugging is off" /tmp/advice
unplug media
lifeboat devices > /tmp/list 2> /tmp/advice
holds "nothing is listed" test ! -s /tmp/list

say "Debian's umtp-responder, with the numbers of a Pixel that transfers files"
responder pixel /etc/umtprd
lifeboat devices > /tmp/list 2> /tmp/advice
says "1B9XPRACTICE Google Pixel 6 needs you mtp (USB)" /tmp/list
says "USB debugging is off" /tmp/advice
kill %umtprd || true
switch_off charging
