//! The practice phone's rescue, which the pictures show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use tempfile::TempDir;

use lifeboat::handset::find::{Port, Wanted};
use lifeboat::model::{Collection, Health, Holding, Identity, Stop};
use lifeboat::practice::PracticePort;
use lifeboat::rescue::{self, Outcome, Progress, Request, Target, look};

/// The end of a collection's reading.
pub struct End {
    pub holding: Holding,
    pub rows: u64,
    pub of: Option<u64>,
    pub things: u64,
}

/// The practice handset as a whole rescue reports it.
#[derive(Default)]
pub struct Rescued {
    pub identity: Identity,
    pub health: Health,
    pub offered: Vec<Collection>,
    pub ends: BTreeMap<Collection, End>,
    /// The rescue folder, as if it were in the user's own folder.
    pub folder: PathBuf,
    /// The first names in each list.
    pub names: BTreeMap<Collection, Vec<String>>,
    pub outcome: Outcome,
    /// Where the rescue folder really is, and what holds it.
    pub at: PathBuf,
    pub home: Option<TempDir>,
}

/// Names that are kept of each list.
const NAMES: usize = 20;

pub fn rescue(port: &PracticePort, today: NaiveDate) -> Result<Rescued> {
    let home = tempfile::tempdir()?;
    let stop = Stop::new();
    let id = port.look().devices.first().context("a phone")?.id.clone();
    let opened = port.open(&id, Wanted::All, &stop, Arc::new(|_| {}))?;
    let mut handset = opened.handset;
    let request = Request {
        desk: Default::default(),
        confirmed: Default::default(),
        case: lifeboat::model::Case::default(),
        target: Target::New(home.path().to_owned()),
        only: Vec::new(),
        reach: "--practice".into(),
        today,
    };
    let mut rescued = Rescued {
        identity: handset.identity().clone(),
        ..Rescued::default()
    };
    let outcome = rescue::run(
        handset.as_mut(),
        &request,
        &stop,
        &mut |progress| match progress {
            Progress::Health(health) => rescued.health = health,
            Progress::Offered(offered) => rescued.offered = offered,
            Progress::Surveyed(what, holding) => {
                let end = End {
                    holding,
                    rows: 0,
                    of: None,
                    things: 0,
                };
                rescued.ends.insert(what, end);
            }
            Progress::Safe {
                what,
                rows,
                of,
                things,
            } => {
                if let Some(end) = rescued.ends.get_mut(&what) {
                    (end.rows, end.of, end.things) = (rows, of, things);
                }
            }
            _ => {}
        },
    )?;
    let folder = PathBuf::from(&outcome.folder);
    let lists = look::Rescued::open(&folder)?.overview(&stop)?;
    for list in &lists.lists {
        let named = list
            .lines
            .iter()
            .filter(|line| line.name.is_ascii() && line.name.len() > 12);
        let names = named.map(|line| line.name.to_string()).take(NAMES);
        rescued.names.insert(list.of, names.collect());
    }
    rescued.outcome = outcome;
    rescued.at = folder.clone();
    rescued.home = Some(home);
    rescued.folder = Path::new("~/Rescues").join(folder.file_name().context("a name")?);
    rescued.outcome.folder = rescued.folder.display().to_string();
    Ok(rescued)
}
