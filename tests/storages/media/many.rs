//! Devices with very many files, and devices that list their files slowly.

use lifeboat::model::Verdict;
use lifeboat::rescue::Target;

use super::support::{assert_holds_all, media, options, part, photos, rescue, resume, said};
use crate::common::folder_in_memory;

/// uMTP-Responder looks at each file of a folder before it answers. That takes longer than other answers may take.
#[test]
fn a_folder_that_takes_long_to_be_listed_is_waited_for() {
    let rescued = rescue(media("slow-folder=4"));
    assert_eq!(
        photos(&rescued.outcome).verdict,
        Verdict::Complete,
        "{}",
        said(&rescued.outcome)
    );
    assert_holds_all(&rescued);
}

/// A device that collects the list of all objects answers nothing else meanwhile. It must not get that query again.
#[test]
fn the_list_of_all_objects_ends_one_part_at_most() {
    let device = media("slow-all=25,serial=ALL1");
    let parent = folder_in_memory();
    let options = options();
    let target = Target::New(parent.path().to_owned());
    let first = part(device.link(), target, &options, &mut |_| {});
    assert!(first.lost && !first.finished, "{:?}", first.why_not);
    let target = Target::Resume(first.folder.clone().into());
    let second = part(device.link(), target, &options, &mut |_| {});
    assert!(second.finished, "{:?}", second.why_not);
    assert_eq!(photos(&second).verdict, Verdict::Complete);
    let asked = device.asked();
    let all = |asked: &&String| asked.starts_with("1007") && asked.ends_with("00000000");
    assert_eq!(asked.iter().filter(all).count(), 1, "{asked:?}");
    assert_eq!(device.tripped(), Vec::<String>::new());
}

/// More files than one batch of listing, sorting and packing holds, in several folders. The rescue is cut in the list
/// and during the copying.
#[test]
fn many_files_are_those_of_a_smooth_rescue_wherever_they_are_cut() {
    const SPEC: &str = "many=1300,many-in-one=500";
    let smooth = rescue(media(SPEC));
    assert_eq!(photos(&smooth.outcome).rescued, 1_304);
    assert_holds_all(&smooth);
    let files = crate::common::portable_files(&smooth.folder);
    for cut in [60_000, 200_000, 330_000] {
        let mut rescued = rescue(media(&format!("{SPEC},unplug-after={cut}")));
        assert!(rescued.outcome.lost, "{cut}");
        while !rescued.media.is_plugged() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        resume(&mut rescued);
        assert!(rescued.outcome.finished, "{:?}", rescued.outcome.why_not);
        assert!(
            crate::common::portable_files(&rescued.folder) == files,
            "{cut}"
        );
    }
}
