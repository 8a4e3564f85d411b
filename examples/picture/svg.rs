//! Draws screens as SVG pictures. Text stays text, in the reader's own fixed-width font.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Size of one cell, in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;

/// A picture of one screen.
pub fn still(screen: &Buffer) -> String {
    let mut svg = begin(screen);
    lines(&mut svg, screen);
    svg.push_str("</svg>");
    svg
}

/// A picture that shows screens one after the other, each for a number of tenths of a second, again and again.
pub fn moving(screens: &[(Buffer, u32)]) -> String {
    let Some((first, _)) = screens.first() else {
        return String::new();
    };
    let mut svg = begin(first);
    let all: u32 = screens.iter().map(|(_, tenths)| tenths).sum();
    let share = |tenths: u32| f64::from(tenths) * 100.0 / f64::from(all.max(1));
    let _infallible = writeln!(
        svg,
        "<style>\ng {{ visibility: hidden; animation: {}.{}s step-end infinite }}",
        all / 10,
        all % 10
    );
    let mut since = 0;
    for (number, (_, tenths)) in screens.iter().enumerate() {
        let (from, to) = (share(since), share(since + tenths));
        let _infallible = writeln!(
            svg,
            "@keyframes s{number} {{ 0% {{ visibility: hidden }} {from:.2}% {{ visibility: visible }} {to:.2}% {{ \
             visibility: hidden }} }}\n#s{number} {{ animation-name: s{number} }}"
        );
        since += tenths;
    }
    // Who wants no motion sees the last screen.
    let _infallible = writeln!(
        svg,
        "@media (prefers-reduced-motion) {{ g {{ animation: none }} #s{} {{ visibility: visible }} }}\n</style>",
        screens.len() - 1
    );
    for (number, (screen, _)) in screens.iter().enumerate() {
        let _infallible = writeln!(svg, "<g id=\"s{number}\">");
        lines(&mut svg, screen);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>");
    svg
}

fn begin(screen: &Buffer) -> String {
    let (columns, lines) = (f32::from(screen.area.width), f32::from(screen.area.height));
    let (width, height) = (
        columns * CELL.0 + 2.0 * MARGIN,
        lines * CELL.1 + 2.0 * MARGIN,
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16191d\"/>\n"
    )
}

fn lines(svg: &mut String, screen: &Buffer) {
    for y in 0..screen.area.height {
        let mut x = 0;
        while x < screen.area.width {
            let Some(cell) = screen.cell((x, y)) else {
                break;
            };
            let alike = |other: u16| {
                screen.cell((other, y)).is_some_and(|c| {
                    c.fg == cell.fg && c.modifier == cell.modifier && c.symbol().width() == 1
                })
            };
            let mut end = x + 1;
            while end < screen.area.width && alike(end) {
                end += 1;
            }
            let run: String = (x..end)
                .filter_map(|x| screen.cell((x, y)))
                .map(|c| c.symbol())
                .collect();
            if !run.trim().is_empty() {
                text(svg, x, y, &run, cell.fg, cell.modifier);
            }
            x = end;
        }
    }
}

fn text(svg: &mut String, x: u16, y: u16, run: &str, colour: Color, modifier: Modifier) {
    let blanks = run.len() - run.trim_start().len();
    let left = MARGIN + (f32::from(x) + blanks as f32) * CELL.0;
    let base = MARGIN + f32::from(y) * CELL.1 + CELL.1 * 0.75;
    let run = run.trim();
    let length = run.width() as f32 * CELL.0;
    let fill = match colour {
        Color::Cyan => "#5cc8d7",
        Color::Green => "#7ccf7c",
        Color::Yellow => "#e3c065",
        Color::Red => "#ef7a74",
        Color::DarkGray => "#7a828c",
        _ => "#d8dde3",
    };
    let weight = if modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let escaped = run
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _infallible = writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" fill=\"{fill}\"{weight} textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{escaped}</text>"
    );
}
