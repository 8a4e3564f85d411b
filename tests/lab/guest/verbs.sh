# The verbs of the cases. Sourced in the lab's machine as root. `set -e` is on, so a failing command ends the case.
# shellcheck shell=bash

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/tmp/home LANG=C.UTF-8 TZ=UTC
mkdir -p "$HOME" /tmp/out
cd /tmp
lifeboat() { "$LIFEBOAT" "$@"; }

# ---- saying ---------------------------------------------------------------------------------------------------

say() { echo "[$(cut -d' ' -f1 /proc/uptime)] $*"; }
fail() { say "FAILED: $*"; exit 1; }

# holds WHAT COMMAND…: asserts that the command succeeds. WHAT is a sentence for the log.
holds() {
  local what=$1
  shift
  if "$@"; then say "ok: $what"; else fail "$what ($*)"; fi
}
# exits CODE COMMAND…: asserts that the command ends with this exit code.
exits() {
  local code=$1 got=0
  shift
  "$@" || got=$?
  [ "$got" = "$code" ] || fail "$* ended with $got, not $code"
}
# says TEXT FILE: asserts that the text is in the file, however its lines are broken.
says() { tr -s '[:space:]' ' ' < "$2" | grep -qF -- "$1" || { cat "$2"; fail "“$1” is not said in $2"; }; }
says_not() { if tr -s '[:space:]' ' ' < "$2" | grep -qF -- "$1"; then cat "$2"; fail "“$1” is said in $2"; fi; }
# until_true COMMAND…: waits until the command succeeds, for a minute at most.
until_true() {
  local tries=0
  until "$@" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "this never came true: $*"
    sleep 0.1
  done
}

# ---- what is plugged in ---------------------------------------------------------------------------------------

# The place of each device: its port's folder in /sys, and the controller of a phone.
declare -A port controller served
loaded=

load() {
  for module in "$@"; do
    case " $loaded " in *" $module "*) ;; *) modprobe "$module" && loaded="$loaded $module" ;; esac
  done
}
# Sends a command to QEMU's monitor, which is at the other end of the second serial port. The port stays open, and its
# control lines are ignored.
monitor() {
  if [ -z "${monitor_is_open:-}" ]; then
    stty -F /dev/ttyS1 raw -echo clocal -hupcl -crtscts
    exec 8<> /dev/ttyS1
    monitor_is_open=1
  fi
  # An empty line first: while the port was being opened, it may have echoed a part of the monitor's greeting.
  printf '\n%s\n' "$*" >&8
}

# phones N [dummy|hub]: makes N sockets for phones, each on its own bus, or all on one hub.
phones() {
  load libcomposite usb_f_fs
  mountpoint -q /sys/kernel/config || mount -t configfs config /sys/kernel/config
  case "${2:-dummy}" in
    dummy) modprobe dummy_hcd "num=$1" ;;
    hub) modprobe usbip-vudc "num=$1" && modprobe vhci-hcd ;;
  esac
  sockets=${2:-dummy}
  next=0
}

# phone NAME [words for `practice serve`…]: plugs a practice handset in and waits until the computer has recognised it.
phone() {
  local name=$1
  shift
  case $sockets in dummy) controller[$name]=dummy_udc.$next ;; hub) controller[$name]=usbip-vudc.$next ;; esac
  "$LIFEBOAT" practice serve android --gadget "${controller[$name]}" "$@" 2> "/tmp/$name.phone" &
  served[$name]=$!
  if [ "$sockets" = hub ]; then
    until_true grep -q 'plugged into' "/tmp/$name.phone"
    # The device's side of the connection and the hub's side each get one end of a socket pair.
    "$LAB/guest/attach" "usbip-vudc.$next" "$next"
    until_true test -e "/sys/bus/usb/devices/$(hub)-$((next + 1))/serial"
    port[$name]=$(hub)-$((next + 1))
  else
    port[$name]=$(dummy_bus "$next")-1
    until_true test -e "/sys/bus/usb/devices/${port[$name]}/bConfigurationValue"
  fi
  next=$((next + 1))
  say "phone $name is at ${port[$name]}"
}
dummy_bus() { basename "$(echo /sys/devices/platform/dummy_hcd."$1"/usb[0-9]*)" | tr -d usb; }
hub() { basename "$(echo /sys/devices/platform/vhci_hcd.0/usb[0-9]* | tr ' ' '\n' | head -1)" | tr -d usb; }

# card NAME IMAGE: plugs the kernel's mass-storage gadget into the next socket, with this image as its medium.
card() {
  load usb_f_mass_storage
  local gadget=/sys/kernel/config/usb_gadget/$1 lun
  lun=$gadget/functions/mass_storage.0/lun.0
  mkdir -p "$gadget/strings/0x409" "$gadget/configs/c.1" "$gadget/functions/mass_storage.0"
  echo 0x0525 > "$gadget/idVendor"
  echo 0xa4a5 > "$gadget/idProduct"
  echo "Lab" > "$gadget/strings/0x409/manufacturer"
  echo "flip-out phone" > "$gadget/strings/0x409/product"
  echo 1 > "$lun/ro"
  echo 1 > "$lun/removable"
  echo "$2" > "$lun/file"
  ln -s "$gadget/functions/mass_storage.0" "$gadget/configs/c.1/"
  echo "dummy_udc.$next" > "$gadget/UDC"
  port[$1]=$(dummy_bus "$next")-1
  until_true test -e "/sys/bus/usb/devices/${port[$1]}/bConfigurationValue"
  next=$((next + 1))
  say "card $1 is at ${port[$1]}"
}

# Switches the power of a port: without power the device is gone.
switch() {
  local path=${port[$1]}
  local bus=${path%%-*} number=${path##*[-.]}
  echo "$2" > "/sys/bus/usb/devices/usb$bus/$bus-0:1.0/usb$bus-port$number/disable"
}
is_there() { [ -e "/sys/bus/usb/devices/${port[$1]}/bConfigurationValue" ]; }
is_gone() { ! is_there "$1"; }

# media_folder: prints the folder with the contents of the phones that transfer files.
media_folder() { sed 's/.*lab.media=\([^ ]*\).*/\1/' /proc/cmdline; }
# responder NAME FOLDER: plugs Debian's umtp-responder in, with the USB numbers of a Pixel that transfers files.
responder() {
  local name=$1 folder=$2
  local gadget=/sys/kernel/config/usb_gadget/$name place=/dev/ffs-$name
  mkdir -p $gadget/strings/0x409 $gadget/configs/c.1/strings/0x409 $gadget/functions/ffs.$name $place
  echo 0x18d1 > $gadget/idVendor
  echo 0x4ee1 > $gadget/idProduct
  echo Google > $gadget/strings/0x409/manufacturer
  echo "Pixel 6" > $gadget/strings/0x409/product
  echo 1B9XPRACTICE > $gadget/strings/0x409/serialnumber
  ln -s $gadget/functions/ffs.$name $gadget/configs/c.1/
  mount -t functionfs $name $place
  cat > /etc/umtprd/umtprd.conf << CONF
loop_on_disconnect 1
storage "$folder" "storage" "ro"
manufacturer "Google"
product "Pixel 6"
serial "1B9XPRACTICE"
interface "MTP"
usb_vendor_id 0x18D1
usb_product_id 0x4EE1
usb_class 0x6
usb_subclass 0x1
usb_protocol 0x1
usb_functionfs_mode 0x1
usb_dev_path "$place/ep0"
usb_epin_path "$place/ep1"
usb_epout_path "$place/ep2"
usb_epint_path "$place/ep3"
usb_max_packet_size 0x200
CONF
  umtprd > "/tmp/$name.log" 2>&1 &
  until_true test -e $place/ep3
  echo dummy_udc.$next > $gadget/UDC
  port[$name]=$(dummy_bus $next)-1
  until_true test -e "/sys/bus/usb/devices/${port[$name]}/bConfigurationValue"
  next=$((next + 1))
  say "umtp-responder is at ${port[$name]}"
}

# plug THING, unplug THING: a phone that was plugged in before, or one of QEMU's own devices: `stick` (a storage
# stick), `media` (a phone that transfers files), `reader` (a smart-card reader).
plug() {
  local before
  load xhci-pci
  # The controller's two root hubs appear first.
  until_true eval '[ "$(ls -d /sys/bus/pci/drivers/xhci_hcd/0*/usb[0-9]* | wc -l)" = 2 ]'
  before=$(ls /sys/bus/usb/devices)
  case $1 in
    stick) monitor "device_add usb-storage,id=stick,drive=stick,removable=on" ;;
    media) monitor "device_add usb-mtp,id=media,rootdir=$(media_folder),desc=Phone" ;;
    reader) monitor "device_add usb-ccid,id=reader" ;;
    *)
      switch "$1" 0
      until_true is_there "$1"
      say "plugged $1 in"
      return
      ;;
  esac
  appeared() { comm -13 <(echo "$before") <(ls /sys/bus/usb/devices) | grep '^[0-9]*-[0-9.]*$'; }
  until_true appeared
  port[$1]=$(appeared | head -1)
  until_true is_there "$1"
  say "plugged $1 in, at ${port[$1]}"
}
unplug() {
  case $1 in
    stick | media | reader) monitor "device_del $1" ;;
    *) switch "$1" 1 ;;
  esac
  until_true is_gone "$1"
  say "unplugged $1"
}
# switch_off NAME: ends a phone's program. Fails if the phone got requests other than reads.
switch_off() {
  kill "${served[$1]}"
  wait "${served[$1]}" || true
  if grep 'received a request that does more than read' "/tmp/$1.phone"; then fail "phone $1 was asked for more than reading"; fi
}

# ---- what passes over the bus ---------------------------------------------------------------------------------

# record NAME: records all traffic of the phone's bus until `recorded` (kernel: Documentation/usb/usbmon).
record() {
  load usbmon
  cat "/sys/kernel/debug/usb/usbmon/${port[$1]%%-*}u" > /job/traffic &
  recorder=$!
}
recorded() {
  kill "$recorder"
  wait "$recorder" 2> /dev/null || true
}

# ---- who computes ---------------------------------------------------------------------------------------------

# computed PID: prints the processor time of a program in hundredths of a second, including the kernel's work for it.
computed() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
# shares WAY FILE: prints which side a copy kept busy, from lines `BYTES SECONDS COMPUTED-HERE COMPUTED-THERE`.
shares() {
  awk -v way="$1" '{ wall += $2; ours += $3; theirs += $4 / 100 } END {
    printf "FIGURE %-11s of %.1f s Lifeboat computes %.1f s, the device %.1f s\n", way, wall, ours, theirs }' "$2"
}

# ---- rescues --------------------------------------------------------------------------------------------------

# over_tcp NAME [words for `practice serve`…]: rescues the same owner's phone over TCP, for comparison.
over_tcp() {
  local name=$1
  shift
  "$LIFEBOAT" practice serve android --adb 127.0.0.1:5599 "$@" 2> /dev/null &
  local server=$!
  until_true eval '(exec 3<> /dev/tcp/127.0.0.1/5599)'
  exits 0 lifeboat rescue --adb 127.0.0.1:5599 --to "/tmp/out/$name" --json > "/tmp/$name.json" 2> /dev/null
  kill "$server" && wait "$server" 2> /dev/null || true
}

# copied FOLDER NAME: asserts that the rescue under /tmp/out/NAME has all files of the folder, byte for byte, and no
# others.
copied() {
  local data
  data=$(echo "/tmp/out/$2"/*/data)
  diff -r "$1" "$data/photos" || fail "$2 is not what is in $1"
  [ "$(find "$1" -type f | wc -l)" -gt 4 ] || fail "there is next to nothing in $1"
  say "ok: $2 holds what is in $1, $(find "$1" -type f | wc -l) files"
}

# same A B: asserts that the portable files of two rescues under /tmp/out are equal, byte for byte. Only the report, the
# journal and the log depend on the approach.
same() {
  local first second
  first=$(echo "/tmp/out/$1"/*/data) second=$(echo "/tmp/out/$2"/*/data)
  diff -rq --exclude=report.html --exclude=lifeboat.sqlite --exclude=log.txt "$first" "$second" || fail "$1 and $2 differ"
  [ "$(find "$first" -type f | wc -l)" -gt 10 ] || fail "there is next to nothing in $first"
  say "ok: $1 and $2 are the same, $(find "$first" -type f | wc -l) files"
}
