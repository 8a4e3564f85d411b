//! Takes over the terminal, and always restores it: at the end, after an error, after a panic, and on a signal.

use std::io::{self, IsTerminal, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::thread::{self, ThreadId};
#[cfg(unix)]
use std::time::{Duration, Instant};

use base64::Engine as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::theme::Theme;
#[cfg(unix)]
use crate::phrase;

/// True while the screens use the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// True while the terminal reports the mouse.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Access to the terminal. Dropping it restores the terminal.
pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
}

/// True if screens can be drawn: input and output are terminals, and the terminal is not a dumb one.
pub fn can_draw() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    !dumb && io::stdin().is_terminal() && stdout().is_terminal()
}

impl Screen {
    /// Takes over the terminal for the screens of this thread. `mouse`: the wheel scrolls, and the terminal itself
    /// selects no text.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn take(theme: Theme, mouse: bool) -> io::Result<Self> {
        if !theme.has_colour() {
            // With NO_COLOR set, crossterm 0.29 writes every colour as a reset, which also resets bold and reverse.
            force_color_output(true);
        }
        give_back_on_panic(thread::current().id());
        let screen = enter(mouse).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match screen {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Takes the terminal again after the shell had it, and draws the next frame in full.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn take_again(&mut self) -> io::Result<()> {
        give_back();
        enter(self.mouse)?;
        execute!(stdout(), Clear(ClearType::All))?;
        // `Terminal::clear` asks for the cursor's place, and the thread that listens for keys would take the answer.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Gives the terminal to the shell until the program is continued. Where no shell can continue it, it goes on at
    /// once.
    ///
    /// # Errors
    /// If the terminal refuses.
    #[cfg(unix)]
    pub fn suspend(&mut self, continued: &AtomicBool) -> io::Result<()> {
        give_back();
        let _ = writeln!(
            stdout(),
            "{}",
            phrase("Lifeboat is paused and reads nothing. To return to Lifeboat, type: fg")
        );
        continued.store(false, Ordering::SeqCst);
        // As when Ctrl-Z is typed in a plain program: the whole job stops, unless no shell could continue it.
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        // Another thread may take the signal, so this one may run on for a moment.
        let began = Instant::now();
        while !continued.swap(false, Ordering::SeqCst) && began.elapsed() < STOPS_WITHIN {
            thread::sleep(Duration::from_millis(5));
        }
        self.take_again()
    }
}

/// A job that has not stopped after this time does not stop.
#[cfg(unix)]
const STOPS_WITHIN: Duration = Duration::from_millis(400);

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse {
        execute!(stdout(), EnableMouseCapture)?;
        MOUSE.store(true, Ordering::SeqCst);
    }
    Ok(())
}

/// A flag that is set when the shell has continued the program.
pub fn continued() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    {
        // Without the flag, only the redrawing after `kill -STOP` is lost.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGCONT, Arc::clone(&flag));
    }
    flag
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Puts a text into the clipboard of the terminal's own computer (OSC 52 of xterm).
///
/// # Errors
/// If the terminal can't be written to.
pub fn copy(text: &str) -> io::Result<()> {
    let text = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = stdout();
    write!(out, "\x1b]52;c;{text}\x07")?;
    out.flush()
}

/// Restores the terminal, once. May be called from any thread.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if MOUSE.swap(false, Ordering::SeqCst) {
            let _ = execute!(stdout(), DisableMouseCapture);
        }
        // If this fails too, nothing can be done.
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Restores the terminal before a panic of the drawing thread is printed. A panic of a worker prints nothing here,
/// because the screen is still in use and will report it.
fn give_back_on_panic(drawing: ThreadId) {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == drawing {
                give_back();
            } else if TAKEN.load(Ordering::SeqCst) {
                return;
            }
            before(panic);
        }));
    });
}
