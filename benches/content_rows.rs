//! Measures how fast the text of `content query` is read, on one core. The comparison is a plain search for line feeds
//! in the same text, the least that any reader has to do.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lifeboat::format::content_rows::{Layout, RowReader};

const NUMBERS: &[&str] = &[
    "contact_id",
    "_id",
    "data_id",
    "deleted",
    "dirty",
    "starred",
    "is_primary",
    "is_super_primary",
];
const TEXTS: &[&str] = &[
    "mimetype",
    "account_name",
    "account_type",
    "data_set",
    "sourceid",
    "group_sourceid",
    "data1",
    "data2",
    "data3",
    "data4",
    "data5",
    "data6",
    "data7",
    "data8",
    "data9",
    "data10",
    "data11",
    "data12",
    "data13",
    "data14",
    "data15",
];

/// Rows as a phone prints them: a third of the columns has a value.
fn reply(rows: usize) -> Vec<u8> {
    let mut text = String::new();
    for row in 0..rows {
        let cells: Vec<String> = NUMBERS
            .iter()
            .map(|name| format!("{name}={}", row % 70_000))
            .chain(TEXTS.iter().enumerate().map(|(i, name)| match i {
                0 => format!("{name}=vnd.android.cursor.item/phone_v2"),
                1 => format!("{name}=somebody@example.com"),
                2 => format!("{name}=com.google"),
                4 => format!("{name}={row:x}a0b1c2"),
                6 => format!("{name}=+49 171 {row}, extension {}", row % 9),
                7 => format!("{name}=2"),
                9 => format!("{name}=+49171{row}"),
                _ => format!("{name}=NULL"),
            }))
            .collect();
        text += &format!("Row: {row} {}\n", cells.join(", "));
    }
    text.into_bytes()
}

fn read(layout: &Arc<Layout>, text: &[u8]) -> u64 {
    let mut reader = RowReader::new(layout);
    let mut rows = 0;
    for piece in text.chunks(1 << 16) {
        reader.push(piece);
        while let Ok(Some(row)) = reader.next_row() {
            rows += row.number(0).is_some() as u64;
        }
    }
    reader.end();
    while let Ok(Some(_)) = reader.next_row() {
        rows += 1;
    }
    rows
}

fn rows(criterion: &mut Criterion) {
    let text = reply(60_000);
    let layout = Arc::new(Layout::new(NUMBERS, TEXTS));
    let mut group = criterion.benchmark_group("content_rows");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.sample_size(20);
    group.bench_function("rows and cells", |b| {
        b.iter(|| read(&layout, black_box(&text)))
    });
    group.bench_function("line feeds alone", |b| {
        b.iter(|| memchr::memchr_iter(b'\n', black_box(&text)).count());
    });
    group.finish();
}

criterion_group!(benches, rows);
criterion_main!(benches);
