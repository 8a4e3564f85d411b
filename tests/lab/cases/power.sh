# After a power cut at any moment, everything that was reported as safe is on the disk, and the rescue goes on
owner=(--contacts 6 --events 4 --todos 2 --fault photos=2)
power() { python3 "$LAB/guest/power.py" "$@"; }
load loop dm-log-writes ext4
# No other program in this machine creates the device nodes of disks.
export DM_DISABLE_UDEV=1
"$LIFEBOAT" practice serve android --adb 127.0.0.1:5599 "${owner[@]}" 2> /dev/null &
until_true eval '(exec 3<> /dev/tcp/127.0.0.1/5599)'
exits 0 lifeboat rescue --adb 127.0.0.1:5599 --to /tmp/out/smooth 2> /tmp/said
say "the smooth rescue is done"

# An empty disk, and a mount point for its state after a power cut. Nothing is written earlier than a sync requires: the
# journal has no timer, and renames force no data to the disk.
truncate -s 128M /tmp/empty.img
mkfs.ext4 -q -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 /tmp/empty.img
mkdir /tmp/out/disk /tmp/out/cut

# rescued [PROGRAM…]: runs a rescue to such a disk, under PROGRAM if given, and logs all writes to the disk in
# /tmp/log.img.
rescued() {
  local disk log
  cp --sparse=always /tmp/empty.img /tmp/disk.img
  rm -f /tmp/log.img
  truncate -s 256M /tmp/log.img
  disk=$(losetup -f --show /tmp/disk.img) log=$(losetup -f --show /tmp/log.img)
  dmsetup create power --table "0 $(blockdev --getsz "$disk") log-writes $disk $log"
  mount -o commit=600,noauto_da_alloc /dev/mapper/power /tmp/out/disk
  exits 0 power tell power /tmp/told "$@" "$LIFEBOAT" rescue --adb 127.0.0.1:5599 --to /tmp/out/disk
  umount /tmp/out/disk
  dmsetup remove power
  losetup -d "$disk" "$log"
}
# cut_after ENTRY: mounts the disk in its state after a power cut at this entry, on /tmp/out/cut.
cut_after() {
  cp --sparse=always /tmp/empty.img /tmp/cut.img
  power cut /tmp/log.img "$1" /tmp/cut.img
  mount -o loop /tmp/cut.img /tmp/out/cut
}

rescued
resumed=0 verified=0 number=0
while read -r entry told <&3; do
  number=$((number + 1))
  cut_after "$entry"
  power kept /tmp/out/cut /tmp/out/smooth /tmp/told "$told" || fail "cut after entry $entry, where $told things had been told"
  rescue=$(dirname /tmp/out/cut/*/data)
  if [ -e "$rescue/tagmanifest-sha256.txt" ]; then
    holds "what was sealed is whole" lifeboat verify "$rescue"
    verified=$((verified + 1))
  elif [ $resumed -lt 2 ] && [ $((number % 4)) = 1 ] && [ -e "$rescue/data/lifeboat.sqlite" ]; then
    exits 0 lifeboat rescue --resume "$rescue" --adb 127.0.0.1:5599 2> /tmp/said
    same cut smooth
    resumed=$((resumed + 1))
  fi
  umount /tmp/out/cut
done 3< <(power moments /tmp/log.img 3)
say "$number cuts, $(wc -l < /tmp/told) told, $resumed gone on with, $verified sealed"
[ $resumed = 2 ] && [ $verified -ge 1 ] || fail "too little was looked at"

# The same without any syncs: the check must fail.
rescued strace -f -qqq --seccomp-bpf -o /dev/null -e inject=fsync,fdatasync,syncfs:retval=0
while read -r entry told <&3; do
  cut_after "$entry"
  if power kept /tmp/out/cut /tmp/out/smooth /tmp/told "$told"; then fail "nothing was synced, and that is not noticed"; fi
  umount /tmp/out/cut
done 3< <(power moments /tmp/log.img 0 | head -1)
