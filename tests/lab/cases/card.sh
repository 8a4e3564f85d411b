# Memory cards of QEMU and the kernel gadget, FAT and exFAT: byte for byte, read only, and not released for mounting
load usb-storage sd_mod vfat exfat loop
phones 2
plug stick
disk=/sys/bus/usb/devices/${port[stick]}:1.0
until_true eval '[ "$(cat $disk/host*/target*/*/block/*/size)" -gt 0 ]'
exits 0 lifeboat rescue --device "usb:${port[stick]}" --to /tmp/out/stick
holds "the kernel's driver is kept off" test ! -e "$disk/driver"
copied "$(media_folder)/../stick" stick
unplug stick
plug stick
until_true test -e "/sys/bus/usb/devices/${port[stick]}:1.0/driver"

say "exFAT, filled by the kernel's own driver; the computer's driver looks at it first, as it does on a desk"
truncate -s 64M /tmp/exfat.img
mkfs.exfat -L KARTE /tmp/exfat.img > /dev/null
mkdir /tmp/mount
mount -t exfat -o loop /tmp/exfat.img /tmp/mount
mkdir -p /tmp/mount/DCIM/100LAB /tmp/owner
for number in $(seq 12); do head -c $((number * 123457)) /dev/urandom > "/tmp/mount/DCIM/100LAB/写真 $number.jpg"; done
rm /tmp/mount/DCIM/100LAB/*[2468].jpg
head -c 9000000 /dev/urandom > /tmp/mount/DCIM/film.mp4
cp -a /tmp/mount/DCIM /tmp/owner/
umount /tmp/mount
card sidekick /tmp/exfat.img
disk=/sys/bus/usb/devices/${port[sidekick]}:1.0
until_true eval '[ "$(cat $disk/host*/target*/*/block/*/size)" -gt 0 ]'
exits 0 lifeboat rescue --device "usb:${port[sidekick]}" --to /tmp/out/exfat
copied /tmp/owner exfat

say "the first read of the gadget fails, since nobody has read before: no driver looks at it here"
rmmod usb-storage
loaded=${loaded/usb-storage/}
card second /tmp/exfat.img
record second
exits 0 lifeboat rescue --device "usb:${port[second]}" --to /tmp/out/second
recorded
holds "nothing but commands that read went out, no reset and no setting" python3 "$LAB/guest/commands.py" /job/traffic
copied /tmp/owner second
exits 0 lifeboat rescue --image /tmp/exfat.img --to /tmp/out/image
same second image
