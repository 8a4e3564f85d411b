# A write that fills its last packet is followed by an empty packet; otherwise the phone would wait for more
pull=$(dirname "$LIFEBOAT")/usb_pull
phones 1
phone galaxy --contacts 1 --events 0 --todos 0 --fault movie=1MB
# A path of 496 bytes fills one packet together with the two requests around it (16 bytes).
path() { printf '/sdcard/Movies%*s' $(($1 - 26)) '' | tr ' ' /; echo practice.mp4; }
for length in 495 496 497; do
  record galaxy
  "$pull" adb "${port[galaxy]}" "$(path $length)" /tmp/pulled
  recorded
  holds "the film came whole" test "$(stat -c %s /tmp/pulled)" = 1000000
  python3 "$LAB/guest/traffic.py" /job/traffic | tee /tmp/counts
  if [ $length = 496 ]; then
    says "1 of them without bytes" /tmp/counts
  else
    says "0 of them without bytes" /tmp/counts
  fi
done
switch_off galaxy
