# One file of 64 MB from Debian's umtp-responder: Lifeboat, aft-mtp-cli and mtp-getfile, in turns
pull=$(dirname "$LIFEBOAT")/usb_pull
phones 1
mkdir /tmp/shown
cp "$(media_folder)/DCIM/Camera/film.mp4" /tmp/shown/
echo 1 > /tmp/shown/one.jpg
responder pixel /tmp/shown

mtp-files > /tmp/list 2> /dev/null
id_of() { awk -v name="$1" '/^File ID:/ { id = $3 } /Filename:/ && $2 == name { print id }' /tmp/list; }
seconds() { python3 "$LAB/guest/timed.py" --wall "$@"; }
lifeboat_gets() {
  local before
  before=$(computed "$(pgrep -x umtprd)")
  seconds "$pull" mtp "${port[pixel]}" "$1" "/tmp/got-$1" 2> /tmp/told
  echo "$(tail -1 /tmp/told) $(($(computed "$(pgrep -x umtprd)") - before))" >> "/tmp/shares-$1"
}
aft_gets() { seconds aft-mtp-cli "get $1 /tmp/got-$1"; }
libmtp_gets() { seconds mtp-getfile "$(id_of "$1")" "/tmp/got-$1"; }

rounds=2
for round in $(seq $rounds); do
  for way in lifeboat aft libmtp; do
    # The time before the copy starts is not counted: it is measured with a file of two bytes.
    for name in one.jpg film.mp4; do
      ${way}_gets $name >> /tmp/$way-$name
      cmp /tmp/shown/$name /tmp/got-$name
      rm /tmp/got-$name
    done
  done
done
python3 "$LAB/guest/media_ratios.py" $((64 << 20)) /tmp/lifeboat /tmp/aft /tmp/libmtp
shares MTP /tmp/shares-film.mp4
kill %umtprd || true
