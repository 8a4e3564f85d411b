//! Reading through the adb server that already runs on this computer and holds the handset (AOSP
//! `packages/modules/adb`, docs/dev/services.md). The server is neither started nor stopped from here.

use std::time::{Duration, Instant};

use super::Options;
use super::allowed;
use super::banner::{Banner, SystemType, shared_features};
use super::command::Service;
use super::error::{AdbError, printable};
use super::frame::TICK;
use super::listed::{BY_NUMBER, Device};
use super::watch::Watch;
use crate::link::{Link, LinkError, tcp};
use crate::phrase;

const DEFAULT_PORT: u16 = 5037;
/// How long the server may take to accept a connection on this computer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes per read from a socket.
const READ_SIZE: usize = 64 << 10;
/// The longest request, in bytes: its length is sent as four hexadecimal digits.
const MAX_REQUEST: usize = 0xffff;
const MAX_SERIAL: usize = 255;

/// An adb server on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    port: u16,
}

impl Server {
    /// Returns the server that adb itself would use: port 5037, or `$ANDROID_ADB_SERVER_PORT`.
    pub fn of_user() -> Self {
        let named = std::env::var("ANDROID_ADB_SERVER_PORT").ok();
        let port = named.and_then(|port| port.trim().parse().ok());
        Self::at_port(port.unwrap_or(DEFAULT_PORT))
    }

    /// Returns the server on this port of this computer.
    pub fn at_port(port: u16) -> Self {
        Self { port }
    }

    /// Lists the handsets that the server sees, in any state.
    ///
    /// # Errors
    /// [`AdbError::NoServer`] if no server runs, [`AdbError::Stopped`], or the server's own error.
    pub fn devices(&self, options: &Options) -> Result<Vec<Device>, AdbError> {
        self.list(&options.watch())
    }

    fn list(&self, watch: &Watch) -> Result<Vec<Device>, AdbError> {
        let list = self.ask(&allowed::DEVICES.about(""), watch)?;
        Ok(String::from_utf8_lossy(&list)
            .lines()
            .filter_map(Device::parse)
            .collect())
    }

    fn ask(&self, request: &str, watch: &Watch) -> Result<Vec<u8>, AdbError> {
        let mut socket = self.connect(watch)?;
        socket.request(request)?;
        socket.counted()
    }

    fn connect(&self, watch: &Watch) -> Result<Socket, AdbError> {
        watch.check()?;
        let place = format!("127.0.0.1:{}", self.port);
        match tcp::connect(&place, CONNECT_TIMEOUT) {
            Ok(link) => Ok(Socket {
                link,
                watch: watch.clone(),
            }),
            Err(LinkError::Connect { .. }) => Err(AdbError::NoServer { port: self.port }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The name by which the server is asked for a handset.
enum Named<'a> {
    Serial(&'a str),
    Number(u64),
}

impl<'a> Named<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        match name.strip_prefix(BY_NUMBER) {
            Some(number) => Some(Self::Number(number.parse().ok()?)),
            None => is_serial(name).then_some(Self::Serial(name)),
        }
    }

    fn is(&self, device: &Device) -> bool {
        match self {
            Self::Serial(name) => device.serial == *name || device.path.as_deref() == Some(name),
            Self::Number(number) => device.transport_id == Some(*number),
        }
    }

    fn features(&self) -> String {
        match self {
            Self::Serial(serial) => allowed::FEATURES.about(serial),
            Self::Number(number) => allowed::FEATURES_BY_NUMBER.about(&number.to_string()),
        }
    }

    fn transport(&self) -> String {
        match self {
            Self::Serial(serial) => allowed::TRANSPORT.about(serial),
            Self::Number(number) => allowed::TRANSPORT_BY_NUMBER.about(&number.to_string()),
        }
    }
}

/// True if the server can be asked for a handset by this name: a serial number, `usb:1-4.2`, or `host:port`. A colon
/// anywhere else would begin another request (AOSP `adb.cpp`, `skip_host_serial`).
pub(super) fn is_serial(serial: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let name = match serial.strip_prefix("usb:") {
        Some(path) => path,
        None => match serial.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'))
                .filter(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
                .map_or(host, |_| "[]"),
            _ => serial,
        },
    };
    !name.is_empty() && serial.len() <= MAX_SERIAL && !serial.contains(odd) && !name.contains(':')
}

/// A handset reached through the server: every stream has its own socket.
pub(super) struct ServerConnection {
    server: Server,
    /// The name by which the server is asked for the handset, and the request that selects it.
    serial: String,
    transport: String,
    watch: Watch,
}

impl ServerConnection {
    /// Waits, without a time limit, until the handset allows the server's key, and reads what the handset is.
    ///
    /// # Errors
    /// [`AdbError::Gone`] if the server doesn't see the handset, or sees it offline for `timeout`.
    pub fn start(
        server: Server,
        serial: &str,
        watch: Watch,
        timeout: Duration,
    ) -> Result<(Self, Banner), AdbError> {
        let Some(named) = Named::parse(serial) else {
            return Err(AdbError::Server(
                phrase("the phone has no serial number, so the server can't select it").into(),
            ));
        };
        let began = Instant::now();
        let mut wait = watch.wait();
        let features = loop {
            match server.ask(&named.features(), &watch) {
                Ok(features) => break features,
                Err(AdbError::Server(why)) if why.contains("authoriz") => wait.for_permission()?,
                Err(AdbError::Server(why)) if is_passing(&why) && began.elapsed() < timeout => {
                    wait.for_bytes(began)?;
                }
                Err(AdbError::Server(why)) if is_passing(&why) || is_absent(&why) => {
                    return Err(gone(serial, why));
                }
                Err(error) => return Err(error),
            }
            std::thread::sleep(TICK);
        };
        let listed = server.list(&watch)?;
        let device = listed
            .into_iter()
            .find(|device| named.is(device))
            .unwrap_or_default();
        let properties = [
            ("ro.product.name", device.product),
            ("ro.product.model", device.model),
            ("ro.product.device", device.device),
        ];
        let banner = Banner {
            system_type: SystemType::parse(&device.state),
            properties: properties
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                .collect(),
            features: shared_features(&String::from_utf8_lossy(&features)),
        };
        let connection = Self {
            server,
            serial: serial.to_owned(),
            transport: named.transport(),
            watch,
        };
        Ok((connection, banner))
    }

    pub fn name(&self) -> String {
        phrase!("adb server on port {}, {}", self.server.port, self.serial)
    }

    /// Ends the connection: its sockets notice that at their next check.
    pub fn hang_up(&self) {
        self.watch.ended.stop();
    }

    /// Opens a stream to a service.
    ///
    /// # Errors
    /// [`AdbError::Refused`] if the handset has no such service, [`AdbError::Gone`].
    pub fn open(&self, service: &Service) -> Result<Socket, AdbError> {
        let mut socket = self.server.connect(&self.watch)?;
        let chosen = socket.request(&self.transport);
        chosen.map_err(|error| match error {
            AdbError::Server(why) => gone(&self.serial, why),
            error => error,
        })?;
        let service = service.render()?;
        socket.request(&service).map_err(|error| match error {
            AdbError::Server(reason) => AdbError::Refused {
                service: service.split(':').next().unwrap_or_default().to_owned(),
                reason,
            },
            error => error,
        })?;
        Ok(socket)
    }
}

/// True for states that a handset leaves by itself soon after it was plugged in.
fn is_passing(why: &str) -> bool {
    why.contains("offline") || why.contains("connecting")
}

/// True if the server knows no such handset (AOSP transport.cpp, `acquire_one_transport`).
fn is_absent(why: &str) -> bool {
    why.contains("not found") || why.contains("no device")
}

fn gone(serial: &str, message: String) -> AdbError {
    AdbError::Gone {
        serial: serial.to_owned(),
        message,
    }
}

/// A connection to the server. After its requests were accepted, it carries the stream. Dropping it closes it.
pub(super) struct Socket {
    link: Link,
    watch: Watch,
}

impl Socket {
    #[cfg(fuzzing)]
    pub(super) fn new(link: Link, watch: Watch) -> Self {
        Self { link, watch }
    }

    /// Returns the next bytes; `None` at the end.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, AdbError> {
        let mut bytes = vec![0; READ_SIZE];
        match self.some(&mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                Ok(Some(bytes))
            }
            Err(AdbError::Link(LinkError::Closed)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        self.watch.check()?;
        Ok(self.link.writer.write_all(bytes, WRITE_TIMEOUT)?)
    }

    fn some(&mut self, buffer: &mut [u8]) -> Result<usize, AdbError> {
        let mut wait = self.watch.wait();
        loop {
            wait.for_bytes(wait.began())?;
            match self.link.reader.read(buffer, TICK) {
                Err(LinkError::TimedOut) => {}
                read => return Ok(read?),
            }
        }
    }

    fn exactly(&mut self, mut buffer: &mut [u8]) -> Result<(), AdbError> {
        while !buffer.is_empty() {
            let count = self.some(buffer)?;
            buffer = buffer.get_mut(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Sends a request to the server, and reads whether it agrees.
    pub(super) fn request(&mut self, text: &str) -> Result<(), AdbError> {
        if text.len() > MAX_REQUEST {
            return Err(AdbError::RequestTooLong {
                length: text.len(),
                limit: MAX_REQUEST,
            });
        }
        self.write(format!("{:04x}{text}", text.len()).as_bytes())?;
        let mut status = [0; 4];
        self.exactly(&mut status)?;
        match &status {
            b"OKAY" => Ok(()),
            b"FAIL" => Err(AdbError::Server(printable(&self.counted()?))),
            _ => Err(AdbError::Server(
                phrase("the program on its port is not an adb server").into(),
            )),
        }
    }

    /// Reads text that is preceded by its length in four hexadecimal digits.
    pub(super) fn counted(&mut self) -> Result<Vec<u8>, AdbError> {
        let mut digits = [0; 4];
        self.exactly(&mut digits)?;
        let length = std::str::from_utf8(&digits)
            .ok()
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            .ok_or_else(|| AdbError::Server(phrase("its reply has no length").into()))?;
        let mut text = vec![0; usize::from(length)];
        self.exactly(&mut text)?;
        Ok(text)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.link.writer.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_no_request() {
        for serial in [
            "9A1X",
            "usb:1-4.2",
            "127.0.0.1:5555",
            "[::1]:5555",
            "adb-9A1X-abc._adb-tls-connect._tcp",
        ] {
            assert!(is_serial(serial), "{serial}");
        }
        for serial in [
            "",
            "a b",
            "a:kill",
            "a:forward:tcp:1;tcp:2",
            "usb:1-4:kill",
            "a:b:5555",
            "[kill:x]:5555",
            "a\n",
            "usb:",
        ] {
            assert!(!is_serial(serial), "{serial}");
        }
    }
}
