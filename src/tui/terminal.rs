//! Takes over the terminal, and always restores it: at the end, after an error, after a panic, and on a signal.

use std::io::{self, IsTerminal, Stdout, Write, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::theme::Theme;

/// True while the screens use the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Access to the terminal. Dropping it restores the terminal.
pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// True if screens can be drawn: input and output are terminals, and the terminal is not a dumb one.
pub fn can_draw() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    !dumb && io::stdin().is_terminal() && stdout().is_terminal()
}

impl Screen {
    /// Takes over the terminal for the screens of this thread.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn take(theme: Theme) -> io::Result<Self> {
        if !theme.has_colour() {
            // With NO_COLOR set, crossterm 0.29 writes every colour as a reset, which also resets bold and reverse.
            force_color_output(true);
        }
        give_back_on_panic(thread::current().id());
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let screen = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match screen {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Restores the terminal, once. May be called from any thread.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
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
