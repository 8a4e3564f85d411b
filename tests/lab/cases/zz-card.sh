# 64 MB from a card over the bus: Lifeboat, and dd of the block device, in turns
pull=$(dirname "$LIFEBOAT")/usb_pull
size=$((64 << 20))
load usb-storage sd_mod
phones 2
truncate -s 80M /tmp/card.img
mkfs.vfat -F 32 -s 1 /tmp/card.img > /dev/null
head -c $size /dev/urandom > /tmp/film.mp4
mcopy -i /tmp/card.img /tmp/film.mp4 ::/
card ours /tmp/card.img
card theirs /tmp/card.img
# Prints the kernel's name for a card's disk, once the kernel has read it.
block() {
  local found=(/sys/bus/usb/devices/"${port[$1]}":1.0/host*/target*/*/block/*)
  [ -e "${found[0]}" ] && basename "${found[0]}"
}
has_medium() { local disk && disk=$(block "$1") && [ "$(cat "/sys/block/$disk/size")" -gt 0 ]; }
for card in ours theirs; do until_true has_medium $card; done
device=/dev/$(block theirs)
until_true dd if="$device" of=/dev/null bs=512 count=1
for round in 1 2 3; do
  echo 1 > /proc/sys/vm/drop_caches
  dd if="$device" of=/tmp/dd.img bs=1M count=64 2> /tmp/said || { cat /tmp/said; fail "dd"; }
  sed -n 's/.*copied, \([0-9.]*\) s.*/\1/p' /tmp/said >> /tmp/dd
  "$pull" card "${port[ours]}" film.mp4 /tmp/lifeboat.mp4 | awk '{ print $2 }' >> /tmp/lifeboat
  cmp /tmp/lifeboat.mp4 /tmp/film.mp4
  rm /tmp/dd.img /tmp/lifeboat.mp4
done
python3 - $size /tmp/lifeboat /tmp/dd << 'PYTHON'
import statistics, sys
size = int(sys.argv[1])
ours, dd = (size / statistics.median(float(line) for line in open(file)) / 1e6 for file in sys.argv[2:])
print(f"FIGURE card        Lifeboat {ours:6.2f} MB/s, dd {dd:6.2f} MB/s: {ours / dd:.2f} x dd")
sys.exit(1 if ours / dd < 1.0 else 0)
PYTHON
