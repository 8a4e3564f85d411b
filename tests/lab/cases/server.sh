# A phone that an adb server holds is read through the server, which keeps it; a server on another port is named
owner=(--contacts 15 --events 5 --todos 2 --seed 5)
phones 1
phone galaxy "${owner[@]}"
adb start-server
until_true eval 'adb devices | grep -w device'
server=$(pidof adb)
lifeboat devices > /tmp/list
says "R5CT60PRACT Samsung SM-A536B ready adb (through the adb server)" /tmp/list
exits 0 lifeboat rescue --device R5CT60PRACT --to /tmp/out/server
over_tcp tcp "${owner[@]}"
same server tcp
holds "the server is the same one" test "$(pidof adb)" = "$server"
holds "and still holds the phone" eval 'adb devices | grep -qw device'
adb kill-server

say "a server on a port that nobody asks"
ANDROID_ADB_SERVER_PORT=5999 adb start-server
until_true eval 'ANDROID_ADB_SERVER_PORT=5999 adb devices | grep -w device'
lifeboat devices > /tmp/list 2> /tmp/advice
says "R5CT60PRACT Samsung SM-A536B needs you" /tmp/list
says "Another program is using the phone: adb" /tmp/advice
exits 1 lifeboat rescue --device R5CT60PRACT --to /tmp/out/none 2> /tmp/why
says "Another program is using the phone" /tmp/why
ANDROID_ADB_SERVER_PORT=5999 adb kill-server
until_true eval '"$LIFEBOAT" devices | grep -w ready'
switch_off galaxy
