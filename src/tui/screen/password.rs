//! The field for the password of an encrypted backup, on the screen of a rescue. What is typed is not shown, and is kept
//! nowhere.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use ratatui::text::Line;

use crate::handset::family::{PasswordQuestion, Secrets};
use crate::phrase;
use crate::tui::app::Message;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{paragraph, wrap};

/// Longest password, in characters.
const MOST: usize = 1024;

/// Carries questions from the thread of a rescue to the screens, once these are shown.
#[derive(Clone, Default)]
pub struct Asker(Arc<Mutex<Option<Sender<Message>>>>);

impl Asker {
    /// Returns a function that asks on the screens, and waits for the answer.
    pub fn secrets(&self) -> Secrets {
        let asker = self.clone();
        Arc::new(move |question| {
            let answer = asker.ask(question)?;
            // It ends without an answer when the field is closed.
            answer.recv().ok()
        })
    }

    fn ask(&self, question: &PasswordQuestion) -> Option<Receiver<String>> {
        let (answer, answers) = channel();
        let tell = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()?;
        let field = Password::new(question.clone(), answer);
        tell.send(Message::Password(field)).ok()?;
        Some(answers)
    }

    /// Connects the screens.
    pub fn connect(&self, tell: Sender<Message>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
    }
}

/// An open field.
pub struct Password {
    question: PasswordQuestion,
    typed: String,
    answer: Sender<String>,
}

impl fmt::Debug for Password {
    /// Without what was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password")
            .field("question", &self.question)
            .finish_non_exhaustive()
    }
}

impl Password {
    pub fn new(question: PasswordQuestion, answer: Sender<String>) -> Self {
        Self {
            question,
            typed: String::new(),
            answer,
        }
    }

    /// Carries out an intent. Returns true if the field closes.
    pub fn update(&mut self, intent: Intent) -> bool {
        match intent {
            Intent::Type(character) => {
                if self.typed.chars().count() < MOST {
                    self.typed.push(character);
                }
                false
            }
            Intent::Erase => {
                self.typed.pop();
                false
            }
            Intent::EraseAll | Intent::EraseWord => {
                self.typed.clear();
                false
            }
            Intent::Next if !self.typed.is_empty() => {
                let _ = self.answer.send(std::mem::take(&mut self.typed));
                true
            }
            Intent::Back => true,
            _ => false,
        }
    }

    /// The question and the field.
    pub fn lines(&self, width: usize, theme: Theme) -> Vec<Line<'static>> {
        let ask = match self.question.is_again {
            true => phrase(
                "That password does not open the backup. Try another one: it is often the phone's code, or the Apple \
                 password of the year in which backups were first encrypted.",
            )
            .to_owned(),
            false => phrase!(
                "{} is encrypted. Its password was chosen when backups were first encrypted. It is often the phone's code \
                 or the Apple password of that year. Lifeboat does not store it.",
                self.question.of
            ),
        };
        let style = if self.question.is_again {
            theme.care()
        } else {
            theme.strong()
        };
        let asked = wrap(&ask, width.saturating_sub(2)).into_iter();
        let mut lines: Vec<_> = asked
            .map(|line| Line::styled(format!("  {line}"), style))
            .collect();
        lines.push(Line::from(""));
        let dots = "•".repeat(self.typed.chars().count().min(width.saturating_sub(16)));
        lines.extend(paragraph(
            &phrase!("Password: {dots}▏"),
            theme.strong(),
            width,
        ));
        lines
    }
}
