//! `lifeboat --plain`: the whole journey by question and answer, in lines of text, for screen readers and simple
//! terminals.

mod copying;
mod look;
mod owner;

use std::io::{BufRead as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::arguments::{Rescue, Screens};
use super::options::{ForCase, ForDesk, Source, WorkProfile};
use super::practice::{Plugged, PracticeRequest};
use super::progress::ProgressPrinter;
use super::{OK, connect, rescue, screens};
use crate::coach::Situation;
use crate::handset::android::Choices;
use crate::handset::family::no_secrets;
use crate::handset::find::{Computer, Device, Found, Port, State};
use crate::model::{Case, Stop, called};
use crate::phrase;
use crate::rescue::{Outcome, RescueList, RescueLister, finished, is_of};
use crate::vault::Desk;
use crate::vault::ticks::Tick;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4 << 10;

/// Number of rescues that are listed.
const LISTED: usize = 20;

/// Reads a person's answers.
pub struct Dialogue<'a> {
    stop: &'a Stop,
}

impl Dialogue<'_> {
    /// Asks a question. `None`: the input ended, or the person typed q.
    pub fn ask(&self, question: &str) -> Option<String> {
        say!("{question}");
        if self.stop.is_stopped() {
            return None;
        }
        let mut line = String::new();
        let read = std::io::stdin()
            .lock()
            .take(LONGEST)
            .read_line(&mut line)
            .ok()?;
        (read > 0 && !self.stop.is_stopped()).then(|| line.trim().to_owned())
    }

    /// Asks a question that is answered by yes or no. Anything else is a no.
    pub fn is_yes(&self, question: &str) -> Option<bool> {
        let answer = self.ask(&phrase!(
            "{question} Type y for yes, or press Enter for no."
        ))?;
        Some(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }
}

/// An entry of the numbered list.
enum Choice {
    Device(Device),
    Finished(PathBuf),
}

/// Talks until the person leaves.
pub fn talk(asked: &Screens, stop: &Stop) -> Result<u8> {
    let talk = Dialogue { stop };
    let options = connect::options(&asked.adb_key, stop);
    let work_profile_by = asked.work_profile.who_agreed()?;
    let choices = Choices {
        work_profile: work_profile_by.is_some(),
        only: Vec::new(),
    };
    let parent = asked
        .to
        .clone()
        .unwrap_or_else(|| screens::default_parent(asked.practice.is_some()));
    let port: Arc<dyn Port> = match asked.practice {
        Some(family) => {
            let wish = PracticeRequest {
                family,
                fault: asked.fault.as_deref(),
                pace: None,
                files: false,
            };
            Plugged::new(&wish, options, choices, no_secrets())?.port
        }
        None => Arc::new(Computer {
            options,
            choices,
            secrets: no_secrets(),
        }),
    };
    say!(
        "Lifeboat copies what is on a phone to this computer. It only reads: it changes nothing on the phone. Rescues \
         are saved in {}.",
        parent.display()
    );
    let mut desk = asked.desk.noted();
    let mut lister = RescueLister::default();
    loop {
        let found = port.look();
        let rescues = lister.list(&parent);
        let listed = tell_list(&found, &rescues);
        let question = phrase(
            "Type the number of a phone or a rescue, or press Enter to look again, or type q to quit.",
        );
        let Some(answer) = talk.ask(question) else {
            return Ok(OK);
        };
        match answer.as_str() {
            "" => {}
            "q" | "quit" => return Ok(OK),
            number => {
                let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                match place.and_then(|place| listed.get(place)) {
                    None => say!("{number} is not in the list."),
                    Some(Choice::Finished(folder)) => {
                        let outcome = finished::open(folder).map_err(connect::explained)?;
                        rescue::tell(&outcome, &mut ProgressPrinter::linear());
                        if after(&talk, outcome, &desk)?.is_none() {
                            return Ok(OK);
                        }
                    }
                    Some(Choice::Device(device)) => {
                        let done = with_phone(&talk, asked, device, &rescues, &parent, &mut desk);
                        if done?.is_none() {
                            return Ok(OK);
                        }
                    }
                }
            }
        }
    }
}

/// Lists the phones and the rescues, with their numbers.
fn tell_list(found: &Found, rescues: &RescueList) -> Vec<Choice> {
    let mut listed = Vec::new();
    if found.devices.is_empty() {
        say!("No phone was found.");
        let finding = Situation::of("nothing");
        for step in finding.state().iter().flat_map(|state| state.steps_for("")) {
            say!("{}", step.text_for(""));
        }
    }
    for device in &found.devices {
        listed.push(Choice::Device(device.clone()));
        say!(
            "{}: phone {}, {}, {}.",
            listed.len(),
            device.name(),
            device.id,
            device.state.text()
        );
    }
    for running in rescues.running.iter().filter(|one| !one.is_own()) {
        say!(
            "Another Lifeboat is rescuing the {}: {}.",
            called(&running.make, &running.model),
            running.told()
        );
    }
    for one in &rescues.unfinished {
        say!(
            "Not finished: the rescue of the {} of {}. To continue the rescue, choose the phone.",
            one.identity.name(),
            one.begun
        );
    }
    for one in rescues.finished.iter().take(LISTED) {
        listed.push(Choice::Finished(one.folder.clone()));
        let state = match one.is_safe {
            true => phrase("safe"),
            false => phrase("NOT safe"),
        };
        say!(
            "{}: rescue of the {} of {}, {state}.",
            listed.len(),
            one.identity.name(),
            one.begun
        );
    }
    listed
}

/// Rescues a phone, or says what it needs. `None`: the person is gone.
fn with_phone(
    talk: &Dialogue<'_>,
    asked: &Screens,
    device: &Device,
    rescues: &RescueList,
    parent: &Path,
    desk: &mut Desk,
) -> Result<Option<()>> {
    if !device.advice.is_empty() {
        super::devices::tell_steps(device);
    }
    let mut files = false;
    if device.state != State::Ready {
        if !device.files_alone {
            return Ok(Some(()));
        }
        let question = phrase("Only its files can be read now. Copy only the files?");
        match talk.is_yes(question) {
            None => return Ok(None),
            Some(false) => return Ok(Some(())),
            Some(true) => files = true,
        }
    }
    let is_of_it = |identity| is_of(identity, &device.make, &device.model, &device.serial);
    let unfinished = rescues
        .unfinished
        .iter()
        .find(|one| is_of_it(&one.identity));
    let mut folder = None;
    if let Some(unfinished) = unfinished {
        let question = phrase!(
            "A rescue of this phone began on {} and is not finished. Continue it?",
            unfinished.begun
        );
        match talk.is_yes(&question) {
            None => return Ok(None),
            Some(true) => folder = Some(unfinished.folder.clone()),
            Some(false) => {}
        }
    } else if rescues.finished.iter().any(|one| is_of_it(&one.identity)) {
        let question =
            phrase("This phone was rescued already. Rescue it again, into a new folder?");
        match talk.is_yes(question) {
            None => return Ok(None),
            Some(true) => {}
            Some(false) => return Ok(Some(())),
        }
    }
    let mut case = Case::default();
    if folder.is_none() && device.has_owner {
        let Some(answered) = owner::ask(talk, device, files, desk) else {
            return Ok(None);
        };
        case = answered;
    }
    loop {
        let wanted = arguments(asked, device, files, parent, folder.clone(), desk);
        let (_, outcome) =
            rescue::run(&wanted, case.clone(), ProgressPrinter::linear(), talk.stop)?;
        let Some(outcome) = outcome else {
            return Ok(None);
        };
        if outcome.finished {
            return after(talk, outcome, desk);
        }
        let question =
            phrase("The rescue is not finished. Plug in the phone and unlock it. Continue now?");
        match talk.is_yes(question) {
            None => return Ok(None),
            Some(false) => return finish(talk, Path::new(&outcome.folder), desk),
            Some(true) => folder = Some(PathBuf::from(&outcome.folder)),
        }
    }
}

/// Asks whether to finish a rescue without its phone. `None`: the person is gone.
fn finish(talk: &Dialogue<'_>, folder: &Path, desk: &Desk) -> Result<Option<()>> {
    let question = phrase(
        "Finish the rescue without the phone? You can then copy what is saved. What was not read stays missing, and \
         this rescue can't be continued.",
    );
    match talk.is_yes(question) {
        None => Ok(None),
        Some(false) => Ok(Some(())),
        Some(true) => {
            let outcome = rescue::finish_as_it_is(folder, ProgressPrinter::linear(), talk.stop)?;
            after(talk, outcome, desk)
        }
    }
}

/// The arguments of `lifeboat rescue`.
fn arguments(
    asked: &Screens,
    device: &Device,
    files: bool,
    parent: &Path,
    folder: Option<PathBuf>,
    desk: &Desk,
) -> Rescue {
    Rescue {
        source: Source {
            device: asked.practice.is_none().then(|| device.id.clone()),
            adb: None,
            image: None,
            iphone_backup: None,
            practice: asked.practice,
        },
        to: folder.is_none().then(|| parent.to_owned()),
        resume: folder,
        only: Vec::new(),
        files,
        work_profile: WorkProfile {
            agreed_by: asked.work_profile.agreed_by.clone(),
        },
        adb_key: asked.adb_key.clone(),
        fault: asked.fault.clone(),
        confirm_empty: false,
        desk: ForDesk {
            ticket: desk.ticket.clone(),
            operator: desk.operator.clone(),
        },
        case: ForCase::default(),
        wait: None,
        json: false,
    }
}

/// What can be done with a finished rescue. `None`: the person is gone.
fn after(talk: &Dialogue<'_>, mut outcome: Outcome, desk: &Desk) -> Result<Option<()>> {
    say!("You can unplug the phone.");
    loop {
        let question = phrase(
            "What next? Type c to copy it to another disk, l to search the rescued data, t to tick what is done \
             before a reset, v to hear the verdict again, or press Enter for other phones.",
        );
        let Some(answer) = talk.ask(question) else {
            return Ok(None);
        };
        let folder = PathBuf::from(&outcome.folder);
        let goes_on = match answer.as_str() {
            "c" => copying::copy(talk, &folder),
            "l" => look::look(talk, &folder)?,
            "t" => tick(talk, &mut outcome, &desk.operator)?,
            "v" => {
                rescue::tell(&outcome, &mut ProgressPrinter::linear());
                Some(())
            }
            "" => return Ok(Some(())),
            other => {
                say!("{other} is not one of the answers.");
                Some(())
            }
        };
        if goes_on.is_none() {
            return Ok(None);
        }
    }
}

/// Goes through the lines of what a reset destroys.
fn tick(talk: &Dialogue<'_>, outcome: &mut Outcome, by: &str) -> Result<Option<()>> {
    let folder = PathBuf::from(&outcome.folder);
    let mut group = String::new();
    for line in outcome.before_reset.clone() {
        if line.line.group != group {
            group.clone_from(&line.line.group);
            if !group.is_empty() {
                say!("{group}");
            }
        }
        let state = line.state.sentence();
        if !line.state.is_open() {
            say!("{} {state}", line.line.lost);
            continue;
        }
        let question = phrase!(
            "{} {} Type d if that is done, s to skip it, or press Enter to leave it open.",
            line.line.lost,
            line.line.first
        );
        let Some(answer) = talk.ask(&question) else {
            return Ok(None);
        };
        let tick = match answer.as_str() {
            "d" => Tick::Done,
            "s" => {
                let Some(reason) = talk.ask(phrase("Why is it skipped?")) else {
                    return Ok(None);
                };
                if reason.is_empty() {
                    continue;
                }
                Tick::Skip(reason)
            }
            _ => continue,
        };
        let noted = finished::tick(&folder, &line.line.id, &tick, by);
        if let Some(now) = noted.map_err(connect::explained)? {
            *outcome = now;
        }
    }
    if let Some(readiness) = outcome.readiness() {
        say!("{readiness}");
    }
    Ok(Some(()))
}
