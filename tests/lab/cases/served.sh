# Practice phones of every family on USB: a media device and a phone without debugging transfer their files, a card is a disk
load usb-storage sd_mod vfat
phones 3

# served NAME [words for `practice serve`]: plugs a practice phone of any family in.
served() {
  local name=$1
  shift
  controller[$name]=dummy_udc.$next
  "$LIFEBOAT" practice serve "$@" --gadget "${controller[$name]}" 2> "/tmp/$name.phone" &
  served[$name]=$!
  port[$name]=$(dummy_bus "$next")-1
  until_true test -e "/sys/bus/usb/devices/${port[$name]}/bConfigurationValue"
  next=$((next + 1))
}

served media media --fault photos=5,movie=3MB
served phone android --fault seen-as=debugging-off,photos=5
lifeboat devices > /tmp/list 2> /tmp/advice
cat /tmp/list
for name in media phone; do
  exits 3 lifeboat rescue --device "usb:${port[$name]}" --files --to /tmp/out/$name
  case $name in media) family=(media --fault photos=5,movie=3MB) ;; phone) family=(android --files --fault photos=5) ;; esac
  exits 3 lifeboat rescue --practice "${family[@]}" --to /tmp/out/memory-$name
  diff -r /tmp/out/$name/*/data/photos /tmp/out/memory-$name/*/data/photos || fail "the photos of $name differ"
done
say "other programs read it too"
holds "libmtp reads it" sh -c 'mtp-detect 2>&1 | grep -q "Storage Devices"'
for name in media phone; do switch_off $name; done

load usb_f_mass_storage
served card card --image /tmp/card.img --photos 7
disk=/sys/bus/usb/devices/${port[card]}:1.0
until_true eval '[ "$(cat $disk/host*/target*/*/block/*/size)" -gt 0 ]'
exits 0 lifeboat rescue --device "usb:${port[card]}" --to /tmp/out/card
exits 0 lifeboat rescue --image /tmp/card.img --to /tmp/out/image
same card image
switch_off card
