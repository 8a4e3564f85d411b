//! Marks in ASCII, for terminals that have nothing else.

use ratatui::buffer::Buffer;

/// Replaces the marks that the screens themselves draw. All replacements are one column wide, as the marks are.
/// Letters are content, and stay.
pub fn replace_marks(frame: &mut Buffer) {
    for cell in &mut frame.content {
        let mut symbol = cell.symbol().chars();
        if let (Some(mark), None) = (symbol.next(), symbol.next())
            && let Some(plain) = plain(mark)
        {
            cell.set_char(plain);
        }
    }
}

fn plain(mark: char) -> Option<char> {
    Some(match mark {
        '─' | '━' | '–' | '—' => '-',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' => {
            '+'
        }
        '█' | '▉' | '▊' | '▋' | '▇' | '▓' => '#',
        '▀' | '▄' | '▆' | '▅' | '▌' | '▐' => '=',
        '▃' | '▂' | '▁' | '▏' | '▎' | '▍' => '_',
        '░' | '▒' => '.',
        '›' | '→' | '▶' | '▸' => '>',
        '‹' | '←' | '◀' => '<',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        '…' => '~',
        // A dot between numbers would read as a decimal point.
        '·' => '+',
        '•' => '.',
        '✓' | '✔' => '+',
        '✗' | '✘' | '×' => 'x',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '●' | '◆' | '■' => '*',
        '○' | '◇' | '□' => 'o',
        '≈' => '~',
        _ => return None,
    })
}
