#![no_main]
//! Replies of `content query`, cut at any place. The rows that are certain must not depend on the cuts.

use std::sync::Arc;

use lifeboat::format::content_rows::{End, Layout, RowReader};

type Rows = (Vec<(Vec<Vec<u8>>, Vec<usize>)>, End, bool);

fn read(layout: &Arc<Layout>, pieces: &[&[u8]]) -> Rows {
    let mut reader = RowReader::new(layout);
    let (mut rows, mut broke) = (Vec::new(), false);
    let mut take = |reader: &mut RowReader| loop {
        match reader.next_row() {
            Ok(Some(row)) => {
                let cells = (0..layout.names().len())
                    .map(|c| row.cell(c).to_vec())
                    .collect();
                rows.push((cells, row.doubtful.to_vec()));
            }
            Ok(None) => return true,
            Err(_) => return false,
        }
    };
    for piece in pieces {
        reader.push(piece);
        if !broke {
            broke = !take(&mut reader);
        }
    }
    reader.end();
    if !broke {
        broke = !take(&mut reader);
    }
    let end = reader.ending();
    (rows, end, broke)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((cut, data)) = data.split_first() else {
        return;
    };
    let layouts = [
        Layout::new(&["_id"], &["a", "b"]),
        Layout::new(&["_id", "data_id"], &["data1", "data2", "mimetype"]),
        Layout::new(&["_id", "n"], &[]),
        Layout::new(&[], &["name", "number", "emails", "_id"]),
    ];
    for layout in layouts.map(Arc::new) {
        let whole = read(&layout, &[data]);
        let (one, other) = data.split_at(usize::from(*cut).min(data.len()));
        let cut = read(&layout, &[one, other]);
        assert_eq!(whole, cut);
    }
});
