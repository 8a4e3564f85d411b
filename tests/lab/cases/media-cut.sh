# A media device is unplugged inside a file: the copy goes on from there and is complete
plug media
lifeboat rescue --device "usb:${port[media]}" --files --to /tmp/out/cut 2> /tmp/said &
rescue=$!
until_true eval '[ "$(cat /tmp/out/cut/*/data/.part-* 2> /dev/null | wc -c)" -gt 20000000 ]'
unplug media
wait $rescue || true
cat /tmp/said
part=$(stat -c %s /tmp/out/cut/*/data/.part-*)
say "$part bytes are there"
plug media
exits 3 lifeboat rescue --resume /tmp/out/cut/* --device "usb:${port[media]}" --files 2> /tmp/said
cat /tmp/said
cmp "$(media_folder)/DCIM/Camera/film.mp4" /tmp/out/cut/*/data/photos/DCIM/Camera/film.mp4
holds "nothing was read twice" grep -q 'GetPartialObject .* 0[1-9a-f]' /tmp/out/cut/*/data/log.txt
holds "the bag is whole" lifeboat verify /tmp/out/cut/*
