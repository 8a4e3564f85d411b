# Phones that only charge or only transfer files are recognised, and their owner is told what to do
phones 2
phone charging --fault seen-as=charging
lifeboat devices > /tmp/list 2> /tmp/advice
says "Samsung SM-A536B needs you" /tmp/list
says "The phone is seen, but it only charges" /tmp/advice
says "Developer options, switch “USB debugging” on" /tmp/advice
exits 1 lifeboat rescue --device "usb:${port[charging]}" --to /tmp/out/none 2> /tmp/why
says "can't be read yet" /tmp/why
unplug charging

say "QEMU's MTP device"
plug media
lifeboat devices > /tmp/list 2> /tmp/advice
holds "it is listed" grep -q 'needs you' /tmp/list
says "USB debugging is off" /tmp/advice
unplug media
lifeboat devices > /tmp/list 2> /tmp/advice
holds "nothing is listed" test ! -s /tmp/list

say "Debian's umtp-responder, with the numbers of a Pixel that transfers files"
gadget=/sys/kernel/config/usb_gadget/mtp
mkdir -p $gadget/strings/0x409 $gadget/configs/c.1/strings/0x409 $gadget/functions/ffs.mtp /dev/ffs-mtp
echo 0x18d1 > $gadget/idVendor
echo 0x4ee1 > $gadget/idProduct
echo Google > $gadget/strings/0x409/manufacturer
echo "Pixel 6" > $gadget/strings/0x409/product
echo 1B9XPRACTICE > $gadget/strings/0x409/serialnumber
ln -s $gadget/functions/ffs.mtp $gadget/configs/c.1/
mount -t functionfs mtp /dev/ffs-mtp
cat > /etc/umtprd/umtprd.conf << 'CONF'
loop_on_disconnect 1
storage "/etc/umtprd" "storage" "ro"
manufacturer "Google"
product "Pixel 6"
serial "1B9XPRACTICE"
interface "MTP"
usb_vendor_id 0x18D1
usb_product_id 0x4EE1
usb_class 0x6
usb_subclass 0x1
usb_protocol 0x1
usb_functionfs_mode 0x1
usb_dev_path "/dev/ffs-mtp/ep0"
usb_epin_path "/dev/ffs-mtp/ep1"
usb_epout_path "/dev/ffs-mtp/ep2"
usb_epint_path "/dev/ffs-mtp/ep3"
usb_max_packet_size 0x200
CONF
umtprd > /tmp/umtprd.log 2>&1 &
until_true test -e /dev/ffs-mtp/ep3
echo dummy_udc.1 > $gadget/UDC
until_true test -e "/sys/bus/usb/devices/$(dummy_bus 1)-1/bConfigurationValue"
lifeboat devices > /tmp/list 2> /tmp/advice
says "1B9XPRACTICE Google Pixel 6 needs you" /tmp/list
says "USB debugging is off" /tmp/advice
kill %umtprd || true
switch_off charging
