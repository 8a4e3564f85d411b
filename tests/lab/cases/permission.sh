# A user without permission for the phone is told what to do; Lifeboat's rules permit the user at the seat
phones 1
# Rules and lists of other programs on this computer might admit a user (libmtp's list knows the phone). They are
# removed, so that the test covers Lifeboat's own rules.
rm -f /lib/udev/rules.d/*{android,mtp,gphoto}*.rules {/lib,/etc}/udev/hwdb.bin
/lib/systemd/systemd-udevd --daemon
# The user at the seat, as the login manager records it (systemd's builtin `uaccess` reads this).
mkdir -p /run/systemd/seats /tmp/user
printf 'IS_SEAT0=1\nACTIVE=1\nACTIVE_UID=65534\n' > /run/systemd/seats/seat0
chown 65534 /tmp/user
cp "$LIFEBOAT" /tmp/lifeboat
user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp/user "$@"; }

phone galaxy --contacts 10 --events 3 --todos 2
udevadm settle
user /tmp/lifeboat devices > /tmp/list 2> /tmp/advice
says "R5CT60PRACT Samsung SM-A536B needs you" /tmp/list
says "sudo cp assets/70-lifeboat.rules /etc/udev/rules.d/" /tmp/advice
exits 1 user /tmp/lifeboat rescue --device R5CT60PRACT --to /tmp/user/none 2> /tmp/why
says "70-lifeboat.rules" /tmp/why

cp "$LAB/../../assets/70-lifeboat.rules" /etc/udev/rules.d/
udevadm control --reload
unplug galaxy
plug galaxy
udevadm settle
user /tmp/lifeboat devices > /tmp/list
says "R5CT60PRACT Samsung SM-A536B ready" /tmp/list
exits 0 user /tmp/lifeboat rescue --device R5CT60PRACT --to /tmp/user/out
switch_off galaxy
