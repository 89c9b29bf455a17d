//! The commands, in one table: shortcuts, tooltips and the help overlay all come from here.

use super::Tool;
use super::flow::Way;
use crate::model::MarkState;

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
    /// Saves now.
    Save,
    /// Goes to another picture of the row.
    Go(Way),
    /// Says how far the work on this picture is.
    Mark(MarkState),
    /// Shows this table.
    Shortcuts,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// The key, as browsers name it, letters in lower case.
    pub key: &'static str,
    /// Whether Control (or Command on a Mac) has to be held.
    pub ctrl: bool,
    /// Whether Shift has to be held. Keys that are no letters are looked up by what they type, so Shift does not count.
    pub shift: bool,
    /// Whether Alt has to be held.
    pub alt: bool,
}

const fn key(key: &'static str) -> Shortcut {
    Shortcut { key, ctrl: false, shift: false, alt: false }
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
        "Close the polygon or end the line; without one, put a box or point into the middle of the view",
    ),
    row(Command::Backspace, "Take back corner", &[key("Backspace")], "Take back the last corner, otherwise delete"),
    row(Command::Cancel, "Cancel", &[key("Escape")], "Give up the current drag or drawing, or the selection"),
    row(Command::Delete, "Delete", &[key("Delete")], "Delete the selected corner or region"),
    row(Command::Undo, "Undo", &[ctrl("z")], "Take back the last change"),
    row(Command::Redo, "Redo", &[shift(ctrl("z")), ctrl("y")], "Make the last undone change again"),
    row(Command::PickObject, "Object", &[key("o")], "Pick the object of the selected or next region"),
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
        "Snap to polygons, lines and the border while drawing and dragging; Alt suspends it",
    ),
    row(Command::Lock, "Lock", &[key("k")], "Protect the selected regions from changes, or no longer"),
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
        &[key("r")],
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
        "Ask others to look at the picture, with a comment",
    ),
    row(Command::Shortcuts, "Shortcuts", &[key("?")], "Show this list"),
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
];

/// The row of a command.
pub fn row_of(command: Command) -> Option<&'static Row> {
    COMMANDS.iter().find(|row| row.command == command)
}

/// The command for a key, if it has one.
pub fn command_for(pressed: &str, ctrl: bool, shift: bool, alt: bool) -> Option<Command> {
    let letter = pressed.chars().count() == 1 && pressed.chars().all(char::is_alphabetic);
    let named = pressed.chars().count() > 1;
    let same = |shortcut: &Shortcut| {
        let same_key = if letter { shortcut.key.eq_ignore_ascii_case(pressed) } else { shortcut.key == pressed };
        let shift_counts = letter || named;
        same_key && shortcut.ctrl == ctrl && shortcut.alt == alt && (!shift_counts || shortcut.shift == shift)
    };
    COMMANDS.iter().find(|row| row.keys.iter().any(same)).map(|row| row.command)
}

impl Shortcut {
    /// The shortcut as a person reads it: `Ctrl+Shift+Z`.
    pub fn label(&self) -> String {
        self.joined("Ctrl", |key| match key {
            "ArrowLeft" => "←".to_owned(),
            "ArrowRight" => "→".to_owned(),
            "ArrowUp" => "↑".to_owned(),
            "ArrowDown" => "↓".to_owned(),
            "Delete" => "Del".to_owned(),
            "Escape" => "Esc".to_owned(),
            letter if letter.len() == 1 => letter.to_uppercase(),
            other => other.to_owned(),
        })
    }

    /// The shortcut as the attribute `aria-keyshortcuts` spells it.
    pub fn aria(&self) -> String {
        self.joined("Control", |key| match key {
            "+" => "Plus".to_owned(),
            letter if letter.len() == 1 => letter.to_uppercase(),
            other => other.to_owned(),
        })
    }

    fn joined(&self, control: &str, key: impl Fn(&str) -> String) -> String {
        let mut text = String::new();
        for (held, name) in [(self.ctrl, control), (self.alt, "Alt"), (self.shift, "Shift")] {
            if held {
                text.push_str(name);
                text.push('+');
            }
        }
        text + &key(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("F5", false, false, false, None),
        ] {
            assert_eq!(command_for(pressed, ctrl, shift, alt), command, "{pressed}");
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
    fn shortcuts_are_readable() {
        let redo = row_of(Command::Redo).unwrap();
        assert_eq!(redo.keys[0].label(), "Ctrl+Shift+Z");
        assert_eq!(row_of(Command::Save).unwrap().keys[0].aria(), "Control+S");
    }
}
