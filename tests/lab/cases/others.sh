# A smart-card reader and one of the computer's own disks are not taken for phones, and keep their drivers
load usb-storage sd_mod vfat nls_cp437 nls_ascii nls_utf8
plug stick
plug reader
disk=/sys/bus/usb/devices/${port[stick]}:1.0
until_true eval 'test -s $disk/host*/target*/*/block/*/size'
until_true eval '[ "$(cat $disk/host*/target*/*/block/*/size)" -gt 0 ]'
lifeboat devices > /tmp/list 2> /tmp/advice
holds "the stick alone is listed, as a card" test "$(wc -l < /tmp/list)" = 1
says "card (USB)" /tmp/list
name=$(basename "$(echo $disk/host*/target*/*/block/*)")
mkdir /tmp/mount
mount -t vfat -o ro "/dev/$name" /tmp/mount
lifeboat devices > /tmp/list 2> /tmp/advice
says "needs you" /tmp/list
says "this computer is using it (/tmp/mount)" /tmp/advice
exits 1 lifeboat rescue --device "usb:${port[stick]}" --to /tmp/out/none 2> /tmp/why
says "unmount it" /tmp/why
holds "it is mounted still" test -d /tmp/mount/DCIM
holds "the stick is still its driver's" test "$(basename "$(readlink "$disk/driver")")" = usb-storage
umount /tmp/mount
unplug stick
