# Files of media devices by other authors, QEMU's and Debian's umtp-responder, arrive byte for byte
phones 1
folder=$(media_folder)

# is_all NAME: asserts that the rescue of this name has all files of the device.
is_all() {
  local data parts=(DCIM Pictures)
  # QEMU replaces every name with characters beyond ASCII by “Oops”.
  [ "$1" = umtprd ] || parts=(DCIM)
  data=$(echo /tmp/out/"$1"/*/data)
  for part in "${parts[@]}"; do
    diff -r --exclude=note.txt "$folder/$part" "$data/photos/$part" || fail "$part differs"
  done
  cmp "$folder/Download/contacts.vcf" "$data/found/Download/contacts.vcf" || fail "the exported list differs"
  holds "the bag of $1 is whole" lifeboat verify /tmp/out/"$1"/*
}

for device in qemu umtprd; do
  case $device in
    qemu) plug media && name=media ;;
    umtprd) responder pixel "$folder" && name=pixel ;;
  esac
  lifeboat devices > /tmp/list 2> /tmp/advice
  cat /tmp/list
  says "needs you mtp (USB)" /tmp/list
  says "export the contacts in the Contacts app" /tmp/advice
  exits 1 lifeboat rescue --device "usb:${port[$name]}" --to /tmp/out/none 2> /tmp/why
  record $name
  # Exit code 3: this approach does not give contacts and calendar.
  exits 3 lifeboat rescue --device "usb:${port[$name]}" --files --to /tmp/out/$device 2> /tmp/said
  recorded
  cat /tmp/said
  # The rescue of an Android waits for the contacts, which debugging would share.
  [ $device = qemu ] || exits 3 lifeboat finish /tmp/out/$device/*
  is_all $device
  python3 "$LAB/guest/traffic.py" /job/traffic media
  say "the same device answers a second time, and other programs after it"
  exits 0 lifeboat rescue --device "usb:${port[$name]}" --files --only photos --to /tmp/out/again-$device 2> /tmp/said
  mtp-detect > /tmp/detect 2>&1 || true
  holds "libmtp reads it afterwards" grep -q 'Supported devices\|Storage Devices' /tmp/detect
  [ $device = umtprd ] || unplug media
done
kill %umtprd || true
