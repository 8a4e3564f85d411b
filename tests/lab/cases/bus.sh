# Split transfers, pauses within them and stalled endpoints do not change the rescued files
owner=(--contacts 10 --events 4 --todos 2 --seed 9)
phones 3
over_tcp tcp "${owner[@]}"
for trouble in split pauses stalls; do
  phone $trouble "${owner[@]}" --fault bus=$trouble
  record $trouble
  exits 0 lifeboat rescue --device "usb:${port[$trouble]}" --to /tmp/out/$trouble
  recorded
  same $trouble tcp
  python3 "$LAB/guest/traffic.py" /job/traffic $trouble
  unplug $trouble
  switch_off $trouble
done
