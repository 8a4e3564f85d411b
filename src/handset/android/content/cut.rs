//! Cuts printed text into rows and cells, where only one cut is possible.

/// Splits a row at `marks`, the starts of all texts but the first. A text is returned only if a search from the left
/// and a search from the right find the same start and the same end.
pub fn cells<'t>(body: &'t [u8], marks: &[Vec<u8>]) -> Vec<Option<&'t [u8]>> {
    let nothing = vec![None; marks.len() + 1];
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut from = 0;
    for mark in marks {
        let Some(at) = memchr::memmem::find(&body[from..], mark) else {
            return nothing;
        };
        left.push(from + at);
        from += at + mark.len();
    }
    let mut to = body.len();
    for mark in marks.iter().rev() {
        let Some(at) = memchr::memmem::rfind(&body[..to], mark) else {
            return nothing;
        };
        right.push(at);
        to = at;
    }
    right.reverse();
    (0..=marks.len())
        .map(|cell| {
            let start = |places: &[usize]| match cell.checked_sub(1) {
                Some(before) => places[before] + marks[before].len(),
                None => 0,
            };
            let end = |places: &[usize]| places.get(cell).copied().unwrap_or(body.len());
            let sure = start(&left) == start(&right) && end(&left) == end(&right);
            sure.then(|| body.get(start(&left)..end(&left))).flatten()
        })
        .collect()
}

#[cfg(fuzzing)]
pub fn fuzz_stretches(text: &[u8]) {
    let starts: Vec<_> = (0..3)
        .map(|i| format!("Row: {i} _id={i}, a=").into_bytes())
        .collect();
    for stretch in stretches(text, &starts).into_iter().flatten() {
        assert!(stretch.starts_with(b"Row: "));
    }
}

/// A reply without the text before its first row. The first row begins with `start`.
pub fn from_first_row<'t>(text: &'t [u8], start: &[u8]) -> &'t [u8] {
    if text.starts_with(start) {
        return text;
    }
    let found = memchr::memmem::find(text, &[b"\n", start].concat());
    found.and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

/// Cuts a reply into rows that begin with `starts`. A row is returned only if a search from the left and a search from
/// the right find the same start and the same end: then no other cut is possible.
pub fn stretches<'t>(text: &'t [u8], starts: &[Vec<u8>]) -> Vec<Option<&'t [u8]>> {
    let nothing = vec![None; starts.len()];
    let Some(first) = starts.first() else {
        return nothing;
    };
    let Some(body) = from_first_row(text, first).strip_suffix(b"\n") else {
        return nothing;
    };
    let mark = |start: &Vec<u8>| [b"\n", &start[..]].concat();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut from = 0;
    for (index, start) in starts.iter().enumerate() {
        let found = match index {
            0 => body.starts_with(start).then_some(0),
            _ => memchr::memmem::find(&body[from..], &mark(start)).map(|at| from + at + 1),
        };
        let Some(at) = found else { return nothing };
        left.push(at);
        from = at + start.len();
    }
    let mut to = body.len();
    for (index, start) in starts.iter().enumerate().rev() {
        let found = match index {
            0 => Some(0),
            _ => memchr::memmem::rfind(&body[..to], &mark(start)).map(|at| at + 1),
        };
        let Some(at) = found else { return nothing };
        right.push(at);
        to = at.saturating_sub(1);
    }
    right.reverse();
    let end = |i: usize, places: &[usize]| places.get(i + 1).map_or(body.len(), |next| next - 1);
    (0..starts.len())
        .map(|i| {
            let sure = left[i] == right[i] && end(i, &left) == end(i, &right);
            sure.then(|| &body[left[i]..end(i, &left)])
        })
        .collect()
}
