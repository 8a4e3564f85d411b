# A phone is unplugged in the middle of a read and plugged in again: the rescue goes on and ends in the same files
owner=(--contacts 120 --events 30 --todos 5 --seed 7)
phones 1
phone galaxy "${owner[@]}" --fault rate=150k/s
lifeboat rescue --device R5CT60PRACT --to /tmp/out/cut 2> /tmp/told &
rescue=$!
until_true grep -q 'Contacts   120 on the phone' /tmp/told
until_true eval '[ "$(wc -c < "$(echo /tmp/out/cut/*/data/lifeboat.sqlite-wal)")" -gt 100000 ]'
unplug galaxy
code=0
wait $rescue || code=$?
cat /tmp/told
holds "it ended with what there is" test "$code" = 3
says "The connection to the phone was lost" /tmp/told
says "--resume" /tmp/told
plug galaxy
exits 0 lifeboat rescue --resume "$(echo /tmp/out/cut/*)" --device R5CT60PRACT
over_tcp tcp "${owner[@]}"
same cut tcp
holds "the bag is whole" lifeboat verify /tmp/out/cut/*
switch_off galaxy
