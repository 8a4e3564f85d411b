//! What a message from a worker changes.

use std::path::PathBuf;

use super::{App, Message, Screen, Task};
use crate::handset::find::OpenError;
use crate::phrase;
use crate::rescue::Outcome;
use crate::tui::screen::rescue::Phase;
use crate::tui::screen::verdict::{Sealing, Verdict};
use crate::vault::copy::CopyProgress;

impl App {
    /// Handles a message from a worker. Returns the next task.
    pub fn on_message(&mut self, message: Message) -> Option<Task> {
        match message {
            Message::Found(mut found) => {
                self.dock.recognise(&mut found);
                let had_none = self.coach.id().is_none();
                self.coach.on_found(&found.devices);
                if self.screen == Screen::Coach {
                    self.remember_answer();
                    if had_none && self.coach.id().is_some() {
                        self.dock.answer_is_used();
                    }
                }
                self.dock.on_message(found);
            }
            Message::RescueList(rescues) => {
                self.dock.on_rescue_list(rescues);
                return self.watch_on();
            }
            Message::Free(bytes) => {
                self.dock.on_free(bytes);
                self.rescue.free = Some(bytes);
            }
            Message::Of(id, message) => return self.on_message_of(id, *message),
            Message::Reopened(Ok(outcome)) => self.open_again(*outcome),
            Message::Reopened(Err(why)) => {
                self.dock.note(why);
                if self.rescue.is_elsewhere() {
                    self.go_to_dock();
                }
            }
            Message::Cable(is_in) => self.practice = self.practice.map(|_| is_in),
            Message::Waiting(waiting) => self.rescue.on_waiting(waiting),
            Message::Password(field) => {
                // Without a field, nobody can answer.
                self.rescue.password = (!self.leaving).then_some(field);
                self.screen = Screen::Rescue;
            }
            Message::Opened(identity) => self.rescue.on_opened(identity),
            Message::Progress(progress) => self.rescue.on_message(progress),
            Message::CouldNotOpen(OpenError {
                what,
                advice,
                may_pass: _,
            })
            | Message::Failed { what, advice } => {
                self.end(Phase::Failed { what, advice });
                return Some(Task::FindRescues);
            }
            Message::Ended(outcome) => {
                if let Some((device, _)) = &self.reads {
                    self.dock.on_ended(device, &outcome);
                }
                self.verdict = Verdict::of((*outcome).clone());
                self.verdict.is_desk = self.is_desk;
                let folder = PathBuf::from(&outcome.folder);
                let mut tasks = vec![Task::FindRescues];
                tasks.extend(self.seal(&outcome));
                self.end(Phase::Ended(outcome));
                // The lists that were shown during the rescue are incomplete.
                if self.screen == Screen::Look {
                    self.look.is_partial = false;
                    self.looks_at = Some((folder.clone(), false));
                    tasks.push(Task::Look(folder));
                }
                return Some(Task::Several(tasks));
            }
            Message::Drives(drives) => self.verdict.on_drives(drives),
            Message::Weighed { typed, drive } => {
                return self.verdict.on_weighed(&typed, drive.as_ref());
            }
            Message::Finishing(progress) => self.verdict.on_finishing(&progress),
            Message::FinishedAsItIs(Ok(outcome)) => {
                self.verdict = Verdict::of((*outcome).clone());
                self.verdict.is_desk = self.is_desk;
                let mut tasks = vec![Task::FindRescues];
                tasks.extend(self.seal(&outcome));
                self.rescue.phase = Phase::Ended(outcome);
                self.leave_if_done();
                return Some(Task::Several(tasks));
            }
            Message::FinishedAsItIs(Err(why)) => {
                self.verdict.on_not_finished(why);
                self.leave_if_done();
            }
            Message::Sealing(progress) => {
                self.verdict.sealing = Some(Sealing::Running(progress));
            }
            Message::Sealed(done) => {
                self.sealing = self.sealing.saturating_sub(1);
                self.verdict.sealing = Some(match done {
                    Ok((archive, kept)) => Sealing::Done { archive, kept },
                    Err(why) => Sealing::Failed(why),
                });
                self.leave_if_done();
                return Some(Task::FindRescues);
            }
            Message::Copying(progress) => self.verdict.on_copying(progress),
            Message::Copied(done) => {
                self.verdict.on_copied(done);
                self.leave_if_done();
            }
            Message::Ticked(done) => {
                self.ticks.on_ticked(done.as_ref().as_ref());
                if let Ok(outcome) = done.as_ref() {
                    self.verdict.on_ticked(outcome);
                }
            }
            Message::Overview(lists) => {
                self.look_has_come();
                return self.look.on_message(lists);
            }
            Message::Raw { key, raw } => self.look.on_raw(&key, raw),
            Message::Qr { key, codes } => self.look.on_qr(&key, codes),
            Message::Exported(done) => self.look.on_exported(done),
            Message::OpenedWith(path, done) => {
                let text = match done {
                    Ok(()) => phrase!("Opened: {}", path.display()),
                    Err(why) => phrase!("{why}. Open it yourself: {}", path.display()),
                };
                match self.screen {
                    Screen::Verdict => self.verdict.say(text),
                    _ => self.look.say(text),
                }
            }
            Message::PathCompleted(from, completed) => match self.screen {
                Screen::Verdict => self.verdict.on_completed(&from, completed),
                _ => self.look.on_completed(&from, completed),
            },
            Message::Detail { key, fields } => self.look.on_detail(&key, fields),
            Message::Picture { key, picture } => self.look.on_picture(&key, picture),
            Message::Broke(what) => {
                let advice = phrase(
                    "Everything saved so far is safe on the disk. Press q to quit. Then start Lifeboat \
                     again and choose the phone to continue. Please report this error. Attach the \
                     file that lifeboat report-problem makes from the rescue folder.",
                );
                self.end(Phase::Failed {
                    what,
                    advice: advice.into(),
                });
                self.screen = Screen::Rescue;
            }
        }
        None
    }

    /// At a desk that seals, the task to seal a finished rescue.
    fn seal(&mut self, outcome: &Outcome) -> Option<Task> {
        if !self.seals || !outcome.finished {
            return None;
        }
        self.verdict.sealing = Some(Sealing::Running(CopyProgress::default()));
        self.sealing += 1;
        Some(Task::Seal(self.shown, PathBuf::from(&outcome.folder)))
    }

    /// Ends the rescue, and also the program if its user waited for that.
    fn end(&mut self, phase: Phase) {
        self.rescue.end(phase, self.leaving);
        self.light_lamps();
        self.leave_if_done();
    }
}
