//! The icons: lines on a 24-unit grid, drawn by us, coloured like the text around them.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Magnifying glass.
    Search,
    /// Arrow into a tray from below.
    Upload,
    /// Arrow into a tray from above.
    Download,
    /// Three lines.
    Menu,
    /// A cross.
    Close,
    /// Sun: the light theme.
    Sun,
    /// Moon: the dark theme.
    Moon,
    /// Head and shoulders.
    User,
    /// Arrow head to the left.
    Left,
    /// Arrow head to the right.
    Right,
    /// Arrow head downwards.
    Down,
    /// Triangle with a mark.
    Warning,
    /// Circle with an `i`.
    Info,
    /// A tick.
    Check,
    /// Pencil.
    Edit,
    /// An open eye.
    Eye,
    /// An eye that is crossed out.
    EyeOff,
    /// Two sheets.
    Copy,
    /// Arrow around.
    Retry,
    /// A plus.
    Plus,
    /// A minus.
    Minus,
    /// A picture in a frame.
    Picture,
    /// Dustbin.
    Delete,
    /// Arrow that leaves a box.
    External,
    /// Four corners.
    FullScreen,
    /// Arrow head upwards.
    Up,
    /// A star with five points.
    Star,
    /// A padlock.
    Lock,
    /// An open padlock.
    Unlock,
    /// Two arrows, one in each direction.
    Swap,
    /// A folder.
    Folder,
    /// A sheet of paper.
    File,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Glyph::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.2 15.2 20 20",
            Glyph::Upload => "M12 15V4M7.5 8.5 12 4l4.5 4.5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15",
            Glyph::Download => {
                "M12 4v11M7.5 10.5 12 15l4.5-4.5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15"
            }
            Glyph::Menu => "M4 6.5h16M4 12h16M4 17.5h16",
            Glyph::Close => "M6 6l12 12M18 6 6 18",
            Glyph::Sun => {
                "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Glyph::Moon => "M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z",
            Glyph::User => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0",
            Glyph::Left => "m14.5 5.5-6.5 6.5 6.5 6.5",
            Glyph::Right => "m9.5 5.5 6.5 6.5-6.5 6.5",
            Glyph::Down => "m6 9.5 6 6 6-6",
            Glyph::Warning => "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.2M12 17v.1",
            Glyph::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.6v.1",
            Glyph::Check => "m4.5 12.5 5 5 10-11",
            Glyph::Edit => {
                "M4 20l1-4.5L16.2 4.3a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L8.5 19 4 20ZM14 6.5l3.5 3.5"
            }
            Glyph::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z"
            }
            Glyph::EyeOff => {
                "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6.4 7.4A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.6-1.3M9.9 9.9a3 3 0 0 0 4.2 4.2"
            }
            Glyph::Copy => {
                "M9 9h9.5a1.5 1.5 0 0 1 1.5 1.5V19a1.5 1.5 0 0 1-1.5 1.5H10A1.5 1.5 0 0 1 8.5 19V9ZM15.5 9V5A1.5 1.5 0 0 0 14 3.5H5.5A1.5 1.5 0 0 0 4 5v8.5A1.5 1.5 0 0 0 5.5 15H8.5"
            }
            Glyph::Retry => "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.5v4h-4",
            Glyph::Plus => "M12 5v14M5 12h14",
            Glyph::Minus => "M5 12h14",
            Glyph::Picture => {
                "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5ZM4 16.5l4.5-4.5 3.5 3.5 3-3 5 4.5M15.5 9.5v.1"
            }
            Glyph::Delete => "M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l.8 13h9.4l.8-13M10.2 10.5v5.5M13.8 10.5v5.5",
            Glyph::FullScreen => {
                "M9 4H5.5A1.5 1.5 0 0 0 4 5.5V9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15"
            }
            Glyph::Lock => "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
            Glyph::Unlock => "M6 11h12v9H6ZM8.5 11V7a3.5 3.5 0 0 1 6.8-1",
            Glyph::Swap => "M4 8.5h15M15.5 5l3.5 3.5-3.5 3.5M20 15.5H5M8.5 12 5 15.5 8.5 19",
            Glyph::Folder => {
                "M3.5 7.5V6A1.5 1.5 0 0 1 5 4.5h4.5l2 3H19A1.5 1.5 0 0 1 20.5 9v9a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18Z"
            }
            Glyph::File => {
                "M13.5 3.5h-7A1.5 1.5 0 0 0 5 5v14a1.5 1.5 0 0 0 1.5 1.5h11A1.5 1.5 0 0 0 19 19V9ZM13.5 3.5V9H19"
            }
            Glyph::Star => "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8Z",
            Glyph::Up => "m6 14.5 6-6 6 6",
            Glyph::External => {
                "M13.5 4.5h6v6M19.5 4.5l-8.5 8.5M16.5 14v4A1.5 1.5 0 0 1 15 19.5H6A1.5 1.5 0 0 1 4.5 18V9A1.5 1.5 0 0 1 6 7.5h4"
            }
        }
    }
}

/// An icon, hidden from assistive technology: the control around it has the name.
#[component]
pub fn Icon(
    /// Which one.
    glyph: Glyph,
    /// A class beside `icon`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let class = if class.is_empty() { "icon".to_owned() } else { format!("icon {class}") };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true">
            <path d=glyph.path()></path>
        </svg>
    }
}

/// The eye-spot that stands for the platform.
#[component]
pub fn Mark(
    /// The class of the drawing.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 32 32" aria-hidden="true">
            <circle class="brand-ring" cx="16" cy="16" r="13.5" stroke-width="2.5"></circle>
            <g class="brand-iris">
                <circle cx="16" cy="16" r="8.5"></circle>
                <circle class="brand-pupil" cx="18.6" cy="13.4" r="3.2"></circle>
            </g>
        </svg>
    }
}
