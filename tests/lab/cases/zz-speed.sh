# 64 MB over the bus: Lifeboat, Debian's adb and a bare loop of bulk reads, in turns
pull=$(dirname "$LIFEBOAT")/usb_pull
size=$((64 << 20)) remote=/sdcard/Movies/practice.mp4
phones 3
phone classic --contacts 1 --events 0 --todos 0 --fault "movie=64MB,android=33"
phone windows --contacts 1 --events 0 --todos 0 --fault "movie=64MB,android=34"

say "a device of the kernel's own that sends without end"
load usb_f_ss_lb
gadget=/sys/kernel/config/usb_gadget/source
mkdir -p $gadget/strings/0x409 $gadget/configs/c.1 $gadget/functions/SourceSink.0
echo 0x0525 > $gadget/idVendor
echo 0xa4a0 > $gadget/idProduct
echo 16384 > $gadget/functions/SourceSink.0/bulk_buflen
echo 8 > $gadget/functions/SourceSink.0/bulk_qlen
ln -s $gadget/functions/SourceSink.0 $gadget/configs/c.1/
echo dummy_udc.2 > $gadget/UDC
until_true test -e "/sys/bus/usb/devices/$(dummy_bus 2)-1/bConfigurationValue"

rounds=2
for round in $(seq $rounds); do
  for way in classic windows; do
    before=$(computed "${served[$way]}")
    told=$("$pull" adb "${port[$way]}" $remote /tmp/lifeboat.mp4)
    echo "$told $(($(computed "${served[$way]}") - before))" >> /tmp/shares-$way
    awk '{ print $2 }' <<< "$told" >> /tmp/lifeboat-$way
    adb start-server
    until_true eval "adb devices -l | grep -q 'device usb:${port[$way]} '"
    python3 "$LAB/guest/timed.py" adb -s "usb:${port[$way]}" pull $remote /tmp/adb.mp4 >> /tmp/adb-$way
    adb kill-server
    cmp /tmp/lifeboat.mp4 /tmp/adb.mp4
    rm /tmp/lifeboat.mp4 /tmp/adb.mp4
  done
  "$pull" bulk 0525:a4a0 $size | awk '{ print $2 }' >> /tmp/bare
done
python3 "$LAB/guest/ratios.py" $size /tmp/bare /tmp/lifeboat-classic /tmp/adb-classic /tmp/lifeboat-windows /tmp/adb-windows
for way in classic windows; do shares $way /tmp/shares-$way; done
switch_off classic
switch_off windows
