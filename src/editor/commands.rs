//! The commands, in one table: shortcuts, tooltips and the help overlay all come from here.

use super::flow::Way;
use super::shortcut::Shortcut;
use super::{Switch, Tool};
use crate::model::MarkState;
use crate::model::search::Search;
use crate::model::text::fold;

/// Something that a key or a button makes the editor do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Takes up a tool.
    Use(Tool),
    /// Closes the shape that is being drawn; without one, puts a shape into the middle of the view.
    Finish,
    /// Takes back the last corner of the shape that is being drawn, otherwise deletes.
    Backspace,
    /// Gives up what is being drawn or dragged, otherwise the selection.
    Cancel,
    /// Deletes the selected corner or region.
    Delete,
    /// Takes back the last change.
    Undo,
    /// Makes the last undone change again.
    Redo,
    /// Selects the next region in the list.
    Next,
    /// Selects the previous region in the list.
    Previous,
    /// Selects all regions.
    SelectAll,
    /// Selects all regions with the objects of the selected ones.
    SelectSame,
    /// Puts copies of the selected regions beside them.
    Duplicate,
    /// Keeps the selected regions for pasting, also into other pictures.
    Copy,
    /// Copies the selected regions and deletes them.
    Cut,
    /// Adds what was copied.
    Paste,
    /// Makes polygons of the selected boxes, and boxes of polygons.
    Convert,
    /// Makes one polygon of the selected areas that touch.
    Unite,
    /// Takes the other selected areas out of the one that was selected first, and cuts it along the selected lines.
    Subtract,
    /// Makes two lines of one at the selected corner.
    SplitLine,
    /// Switches on and off that what is drawn and dragged snaps to what lies near.
    ToggleSnapping,
    /// Protects the selected regions from changes, or no longer.
    Lock,
    /// Lets all regions be changed again.
    UnlockAll,
    /// Hides the selected regions, or shows them again.
    Hide,
    /// Hides all regions but the selected ones, or shows all again.
    Solo,
    /// Shows all hidden regions.
    ShowAll,
    /// Draws the selected regions above all others.
    BringToFront,
    /// Draws the selected regions above the next one.
    BringForward,
    /// Draws the selected regions below the next one.
    SendBackward,
    /// Draws the selected regions below all others.
    SendToBack,
    /// Adds the regions of the previous picture.
    BringPrevious,
    /// Opens the object picker.
    PickObject,
    /// Moves the selection by pixels of the picture: right, down.
    Nudge(i8, i8),
    /// Makes the selection larger by pixels of the picture: right, down.
    Grow(i8, i8),
    /// Makes everything larger.
    ZoomIn,
    /// Makes everything smaller.
    ZoomOut,
    /// Shows the whole picture.
    Fit,
    /// Shows the picture's pixels as they are.
    OneToOne,
    /// Shows the selected regions as large as there is room.
    ZoomToSelection,
    /// Opens the panel that says how the picture and its regions look.
    Look,
    /// Shows something, or hides it.
    Switch(Switch),
    /// Saves now.
    Save,
    /// Goes to another picture of the row.
    Go(Way),
    /// Says how far the work on this picture is.
    Mark(MarkState),
    /// Shows this table.
    Shortcuts,
    /// Offers every command by its name.
    Palette,
    /// Picks the favourite object that has this digit.
    Favourite(u8),
}

const fn key(name: &'static str) -> Shortcut {
    Shortcut::of(name)
}

const fn ctrl(name: &'static str) -> Shortcut {
    Shortcut { ctrl: true, ..key(name) }
}

const fn shift(shortcut: Shortcut) -> Shortcut {
    Shortcut { shift: true, ..shortcut }
}

const fn alt(shortcut: Shortcut) -> Shortcut {
    Shortcut { alt: true, ..shortcut }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is done.
    pub command: Command,
    /// What buttons are called.
    pub name: &'static str,
    /// The keys that do it, the main one first.
    pub keys: &'static [Shortcut],
    /// What it does, in a sentence for the help overlay. Empty for variants of the row before.
    pub help: &'static str,
}

impl Row {
    /// What settings call the command: its name in small letters, with hyphens. Another name loses the keys that people have
    /// given to it.
    pub fn id(&self) -> String {
        let words = self.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
    }
}

const fn row(command: Command, name: &'static str, keys: &'static [Shortcut], help: &'static str) -> Row {
    Row { command, name, keys, help }
}

/// Every command.
pub const COMMANDS: &[Row] = &[
    row(Command::Use(Tool::Select), "Select", &[key("v")], "Select, move and reshape regions"),
    row(Command::Use(Tool::Box), "Box", &[key("b")], "Draw boxes by dragging"),
    row(
        Command::Use(Tool::Extreme),
        "Extreme points",
        &[key("e")],
        "Draw boxes by clicking the four outermost places of a thing, in any order",
    ),
    row(
        Command::Use(Tool::Polygon),
        "Polygon",
        &[key("g")],
        "Draw polygons corner by corner, or free hand by dragging",
    ),
    row(
        Command::Use(Tool::Polyline),
        "Polyline",
        &[key("l")],
        "Draw open lines corner by corner, or free hand by dragging",
    ),
    row(Command::Use(Tool::Point), "Point", &[key("p")], "Mark single places"),
    row(
        Command::Finish,
        "Finish",
        &[key("Enter")],
        "Close the polygon or end the line; otherwise press at the cross that arrow keys move, or put a box or point into the middle of the view",
    ),
    row(Command::Backspace, "Take back corner", &[key("Backspace")], "Take back the last corner, otherwise delete"),
    row(Command::Cancel, "Cancel", &[key("Escape")], "Give up the current drag or drawing, or the selection"),
    row(Command::Delete, "Delete", &[key("Delete")], "Delete the selected corner or region"),
    row(Command::Undo, "Undo", &[ctrl("z")], "Take back the last change"),
    row(Command::Redo, "Redo", &[shift(ctrl("z")), ctrl("y")], "Make the last undone change again"),
    row(
        Command::PickObject,
        "Object",
        &[key("o")],
        "Pick the object of the selected regions, otherwise of the next one: press it and type a few letters of the name",
    ),
    row(Command::Next, "Next region", &[key("]")], "Select the next region"),
    row(Command::Previous, "Previous region", &[key("[")], "Select the previous region"),
    row(Command::SelectAll, "Select all", &[ctrl("a")], "Select all regions"),
    row(
        Command::SelectSame,
        "Select the same",
        &[key("a")],
        "Select all regions that show what the selected ones show",
    ),
    row(Command::Duplicate, "Duplicate", &[ctrl("d")], "Put copies of the selected regions beside them"),
    row(Command::Copy, "Copy", &[ctrl("c")], "Copy the selected regions; they can be pasted into other pictures, too"),
    row(Command::Cut, "Cut", &[ctrl("x")], "Copy the selected regions and delete them"),
    row(Command::Paste, "Paste", &[ctrl("v")], "Add the copied regions, at the same place of the picture"),
    row(Command::Convert, "Box or polygon", &[key("c")], "Make polygons of the selected boxes, and boxes of polygons"),
    row(Command::Unite, "Unite", &[key("m")], "Make one polygon of the selected boxes and polygons that touch"),
    row(
        Command::Subtract,
        "Subtract",
        &[key("x")],
        "Take the other selected regions, which stay, out of the first; selected lines cut it into pieces",
    ),
    row(Command::SplitLine, "Split line", &[key("t")], "Make two lines of one at the selected corner"),
    row(
        Command::ToggleSnapping,
        "Snapping",
        &[key("s")],
        "Snap to boxes, polygons, lines and the border while drawing and dragging; Alt suspends it",
    ),
    row(Command::Lock, "Lock", &[key("k")], "Protect the selected regions from changes, or no longer"),
    row(Command::UnlockAll, "Unlock all", &[shift(key("k"))], "Let all regions be changed again"),
    row(Command::Hide, "Hide", &[key("h")], "Hide the selected regions, or show them again"),
    row(Command::Solo, "Solo", &[key("i")], "Hide all but the selected regions, or show all again"),
    row(Command::ShowAll, "Show all", &[key("u")], "Show all hidden regions"),
    row(Command::BringForward, "Bring forward", &[ctrl("ArrowUp")], "Draw the selected regions above the next one"),
    row(Command::SendBackward, "Send backward", &[ctrl("ArrowDown")], "Draw the selected regions below the next one"),
    row(Command::BringToFront, "Bring to front", &[key("Home")], "Draw the selected regions above all others"),
    row(Command::SendToBack, "Send to back", &[key("End")], "Draw the selected regions below all others"),
    row(
        Command::BringPrevious,
        "Bring previous",
        &[shift(key("r"))],
        "Add the regions of the previous picture that are not here yet",
    ),
    row(Command::Nudge(-1, 0), "Nudge left", &[key("ArrowLeft")], "Move the selection by a pixel; with Shift by ten"),
    row(Command::Nudge(1, 0), "Nudge right", &[key("ArrowRight")], ""),
    row(Command::Nudge(0, -1), "Nudge up", &[key("ArrowUp")], ""),
    row(Command::Nudge(0, 1), "Nudge down", &[key("ArrowDown")], ""),
    row(Command::Nudge(-10, 0), "Nudge left by ten", &[shift(key("ArrowLeft"))], ""),
    row(Command::Nudge(10, 0), "Nudge right by ten", &[shift(key("ArrowRight"))], ""),
    row(Command::Nudge(0, -10), "Nudge up by ten", &[shift(key("ArrowUp"))], ""),
    row(Command::Nudge(0, 10), "Nudge down by ten", &[shift(key("ArrowDown"))], ""),
    row(
        Command::Grow(-1, 0),
        "Narrower",
        &[alt(key("ArrowLeft"))],
        "Resize the selection by a pixel; with Shift by ten",
    ),
    row(Command::Grow(1, 0), "Wider", &[alt(key("ArrowRight"))], ""),
    row(Command::Grow(0, -1), "Lower", &[alt(key("ArrowUp"))], ""),
    row(Command::Grow(0, 1), "Higher", &[alt(key("ArrowDown"))], ""),
    row(Command::Grow(-10, 0), "Narrower by ten", &[alt(shift(key("ArrowLeft")))], ""),
    row(Command::Grow(10, 0), "Wider by ten", &[alt(shift(key("ArrowRight")))], ""),
    row(Command::Grow(0, -10), "Lower by ten", &[alt(shift(key("ArrowUp")))], ""),
    row(Command::Grow(0, 10), "Higher by ten", &[alt(shift(key("ArrowDown")))], ""),
    row(
        Command::ZoomIn,
        "Zoom in",
        &[key("+"), key("=")],
        "Show it larger; or turn the wheel at the place of interest",
    ),
    row(Command::ZoomOut, "Zoom out", &[key("-")], "Show it smaller"),
    row(Command::Fit, "Fit", &[key("0")], "Show the whole picture"),
    row(Command::OneToOne, "1:1", &[key("1")], "Show every pixel of the picture as one pixel"),
    row(
        Command::ZoomToSelection,
        "Zoom to selection",
        &[key("2")],
        "Show the selected regions as large as there is room",
    ),
    row(Command::Look, "View", &[key("w")], "Set how the picture and its regions look: brightness, opacity, rulers"),
    row(
        Command::Switch(Switch::OutlinesOnly),
        "Outlines only",
        &[shift(key("F4"))],
        "Draw regions without their insides",
    ),
    row(Command::Switch(Switch::Names), "Names", &[key("F4")], "Show the names of all regions"),
    row(
        Command::Switch(Switch::Patterns),
        "Patterns",
        &[shift(key("F9"))],
        "Tell objects apart by dashes and hatching, too",
    ),
    row(Command::Switch(Switch::Crosshair), "Crosshair", &[shift(key("F8"))], "Show lines to aim by while drawing"),
    row(Command::Switch(Switch::Rulers), "Rulers", &[key("F8")], "Show rulers in pixels of the picture"),
    row(Command::Switch(Switch::Minimap), "Minimap", &[key("F9")], "Show a map of the picture when zoomed"),
    row(Command::Save, "Save", &[ctrl("s")], "Save now; it also happens by itself"),
    row(Command::Go(Way::Next), "Next picture", &[key("PageDown")], "Go to the next picture of the row"),
    row(Command::Go(Way::Previous), "Previous picture", &[key("PageUp")], "Go to the picture before"),
    row(
        Command::Go(Way::NextEmpty),
        "Next without regions",
        &[shift(key("PageDown"))],
        "Go to the next picture that nobody has annotated",
    ),
    row(Command::Mark(MarkState::Done), "Done", &[ctrl("Enter")], "Mark the picture as done and go to the next"),
    row(
        Command::Mark(MarkState::Skipped),
        "Skip",
        &[shift(ctrl("Enter"))],
        "Mark the picture as skipped and go to the next",
    ),
    row(
        Command::Mark(MarkState::NeedsReview),
        "Needs review",
        &[alt(key("Enter"))],
        "Ask others to look at the picture, with a comment, and go to the next",
    ),
    row(Command::Shortcuts, "Shortcuts", &[key("?")], "Show this list, and change keys"),
    row(Command::Palette, "All commands", &[ctrl("k")], "Find any command by its name"),
    row(
        Command::Favourite(3),
        "Favourite 3",
        &[key("3")],
        "Pick a favourite object, as the digits up to 9 do; the star beside an object makes it a favourite",
    ),
    row(Command::Favourite(4), "Favourite 4", &[key("4")], ""),
    row(Command::Favourite(5), "Favourite 5", &[key("5")], ""),
    row(Command::Favourite(6), "Favourite 6", &[key("6")], ""),
    row(Command::Favourite(7), "Favourite 7", &[key("7")], ""),
    row(Command::Favourite(8), "Favourite 8", &[key("8")], ""),
    row(Command::Favourite(9), "Favourite 9", &[key("9")], ""),
];

/// What only a pointer can do, for the help overlay: gesture and effect.
pub const GESTURES: &[(&str, &str)] = &[
    ("Space + drag, middle button", "Move the view"),
    ("Wheel, pinch", "Zoom at the pointer"),
    ("Click again", "Select what lies below"),
    ("Shift + click", "Add to the selection, or take out of it"),
    ("Shift + drag", "Select what lies within the band"),
    ("Drag a selected region", "Move all selected ones"),
    ("Drag the middle of an edge", "Insert a corner"),
    ("Ctrl + drag an edge", "Move the edge with both its corners"),
    ("Drag a handle around several", "Resize all selected ones"),
    ("Drag with Polygon or Polyline", "Draw free hand"),
    ("Press an end of the selected line with Polyline", "Go on with that line"),
    ("Alt while drawing or dragging", "Do not snap"),
    ("Double click", "End the polygon or line"),
    ("Finger held still", "Add to the selection; keep it down to draw a band"),
    ("Pen's barrel button, eraser", "Move the view; take back a corner or delete what lies below"),
];

/// How shapes are drawn by keys alone, for the help overlay.
pub const DRAWING_KEYS: &[(&str, &str)] = &[
    (
        "Arrow keys with a drawing tool",
        "Move the cross that is drawn at, with Shift ten times as far; Esc lets go of a region first",
    ),
    ("Space at the cross", "Set a corner or point there; begin a box, and end it; Enter ends polygons and lines"),
];

/// What keys do in the list of regions, for the help overlay.
pub const LIST_KEYS: &[(&str, &str)] = &[
    ("In the list: ↑ ↓ Home End", "Go from region to region"),
    ("In the list: Enter, Shift+Enter", "Select the region; add it to the selection, or take it out"),
    (
        "In the list: Shift + click, Ctrl + click",
        "Select all from the row chosen before to this one; add one, or take it out",
    ),
    ("In the list: Del", "Delete the region, or all selected ones if it is one of them"),
    ("In the list: F2", "Pick the object of the region"),
    ("In the list: Ctrl + ↑ ↓", "Bring the region forward or backward; what is further down in the list lies in front"),
    ("In the list: M", "Move the region by the arrow keys; Escape leads back to the list"),
];

/// The row of a command.
pub fn row_of(command: Command) -> Option<&'static Row> {
    COMMANDS.iter().find(|row| row.command == command)
}

/// The commands that fit what a person types, best first; all of them where nothing is typed. What a command does counts
/// less than what it is called.
pub fn find_commands(text: &str) -> Vec<&'static Row> {
    let search = Search::new(text);
    let rank = |row: &'static Row| {
        let name = fold(row.name);
        let by_name = search.fit_exactly(&name).map(|fit| (0, fit));
        let by_help = || search.fit_exactly(&fold(row.help)).map(|fit| (1, fit));
        let nearly = || search.fit_nearly(&name).map(|fit| (2, fit));
        by_name.or_else(by_help).or_else(nearly)
    };
    let mut found: Vec<_> = COMMANDS.iter().filter_map(|row| Some((rank(row)?, row))).collect();
    // Among equals the order of the table stays.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::Keymap;

    #[test]
    fn keys_lead_to_commands() {
        for (pressed, ctrl, shift, alt, command) in [
            ("b", false, false, false, Some(Command::Use(Tool::Box))),
            ("B", false, false, false, Some(Command::Use(Tool::Box))),
            ("B", false, true, false, None),
            ("b", true, false, false, None),
            ("z", true, false, false, Some(Command::Undo)),
            ("Z", true, true, false, Some(Command::Redo)),
            ("y", true, false, false, Some(Command::Redo)),
            ("?", false, true, false, Some(Command::Shortcuts)),
            ("+", false, true, false, Some(Command::ZoomIn)),
            ("ArrowLeft", false, true, false, Some(Command::Nudge(-10, 0))),
            ("ArrowDown", false, false, true, Some(Command::Grow(0, 1))),
            ("Backspace", false, false, false, Some(Command::Backspace)),
            ("r", false, false, false, None),
            ("R", false, true, false, Some(Command::BringPrevious)),
            ("F5", false, false, false, None),
        ] {
            let key = Shortcut::pressed(pressed, ctrl, shift, alt);
            assert_eq!(key.and_then(|key| Keymap::default().command(key)), command, "{pressed}");
        }
    }

    #[test]
    fn no_shortcut_means_two_things() {
        let all: Vec<Shortcut> = COMMANDS.iter().flat_map(|row| row.keys).copied().collect();
        for (index, shortcut) in all.iter().enumerate() {
            assert!(!all[..index].contains(shortcut), "{}", shortcut.label());
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_pressed() {
        for shortcut in COMMANDS.iter().flat_map(|row| row.keys) {
            assert_eq!(shortcut.to_string().parse(), Ok(*shortcut));
        }
    }

    #[test]
    fn commands_are_found_by_what_they_are_called_and_do() {
        let first = |text: &str| find_commands(text).first().map(|row| row.command);
        assert_eq!(find_commands("").len(), COMMANDS.len());
        for (text, command) in [
            ("zoom i", Command::ZoomIn),
            ("UNDO", Command::Undo),
            ("larger", Command::ZoomIn),
            ("dupilcate", Command::Duplicate),
            ("polygon", Command::Use(Tool::Polygon)),
        ] {
            assert_eq!(first(text), Some(command), "{text}");
        }
        assert_eq!(first("xyzzy"), None);
    }
}
