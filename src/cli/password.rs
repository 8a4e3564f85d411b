//! Asks for the password of an encrypted backup: from the environment, or hidden at the terminal. The password is never
//! an argument, because other programs could see it. Lifeboat does not store it.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use crate::handset::family::{PasswordQuestion, Secrets};
use crate::model::Stop;
use crate::phrase;
use crate::vault::for_display;

/// The environment variable for scripts.
const VARIABLE: &str = "LIFEBOAT_BACKUP_PASSWORD";

/// Longest password, in characters.
const MOST: usize = 1024;

/// How often the stop flag is looked at while nobody types.
const LISTEN: Duration = Duration::from_millis(200);

/// Returns a function that asks for passwords.
pub fn secrets(stop: &Stop) -> Secrets {
    let stop = stop.clone();
    Arc::new(move |question| match std::env::var(VARIABLE) {
        Ok(_) if question.is_again => {
            say!("The password in {VARIABLE} is wrong.");
            None
        }
        Ok(password) => Some(password),
        Err(_) => asked(question, &stop),
    })
}

/// Asks at the terminal. `None`: nobody is there, or the user gave up.
fn asked(question: &PasswordQuestion, stop: &Stop) -> Option<String> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    match question.is_again {
        true => say!("That password does not open the backup. Try another one, or press Ctrl-C."),
        false => say!(
            "{} is encrypted. Its password was chosen when backups were first encrypted. It is often the phone's code or the \
             Apple password of that year.",
            question.of
        ),
    }
    let mut out = std::io::stderr();
    let prompt = phrase("Password of the backup (nothing is shown while you type): ");
    let _ = write!(out, "{}", for_display(prompt)).and_then(|()| out.flush());
    enable_raw_mode().ok()?;
    let typed = typed(stop);
    let _ = disable_raw_mode();
    let _ = writeln!(out);
    typed
}

/// Reads keys up to Enter, without showing them.
fn typed(stop: &Stop) -> Option<String> {
    let mut password = String::new();
    while !stop.is_stopped() {
        if !event::poll(LISTEN).ok()? {
            continue;
        }
        let key = match event::read().ok()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => key,
            Event::Paste(text) => {
                password.extend(text.chars().take(MOST));
                continue;
            }
            _ => continue,
        };
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return (!password.is_empty()).then_some(password),
            KeyCode::Char('c' | 'd') if is_control => {
                stop.stop();
                return None;
            }
            KeyCode::Char('u') if is_control => password.clear(),
            KeyCode::Backspace => {
                password.pop();
            }
            KeyCode::Esc => return None,
            KeyCode::Char(character) if password.len() < MOST => password.push(character),
            _ => {}
        }
    }
    None
}
