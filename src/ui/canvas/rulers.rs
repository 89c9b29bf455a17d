//! Rulers in pixels of the picture along the upper and the left edge.

use super::pen::Pen;
use crate::geometry::marks;

/// How wide a ruler is, in CSS pixels; `style/editor.css` knows it, too.
const WIDTH_PX: f64 = 20.0;
const GROUND: &str = "rgba(26, 28, 26, 0.88)";
const MARK: &str = "rgba(255, 255, 255, 0.7)";
const NUMBER: &str = "#ffffff";

/// Draws both rulers.
pub(super) fn draw(pen: &Pen<'_>) {
    let (context, view) = (pen.context, pen.view);
    let (surface, picture, origin) = (view.surface(), view.picture_px(), view.picture_on_screen().min);
    context.set_fill_style_str(GROUND);
    context.fill_rect(0.0, 0.0, surface.width, WIDTH_PX);
    context.fill_rect(0.0, WIDTH_PX, WIDTH_PX, surface.height - WIDTH_PX);
    context.set_font("10px system-ui, sans-serif");
    context.set_text_baseline("top");
    context.set_stroke_style_str(MARK);
    context.set_line_width(1.0);
    context.set_fill_style_str(NUMBER);
    context.begin_path();
    // Neither writing nor turning fails for finite numbers.
    for mark in marks(origin.x, view.scale(), picture.width, surface.width).filter(|mark| mark.at >= WIDTH_PX) {
        let (x, length) = (mark.at.floor() + 0.5, if mark.is_numbered { 10.0 } else { 4.0 });
        context.move_to(x, WIDTH_PX - length);
        context.line_to(x, WIDTH_PX);
        if mark.is_numbered {
            let _ = context.fill_text(&mark.pixel.to_string(), x + 3.0, 2.0);
        }
    }
    for mark in marks(origin.y, view.scale(), picture.height, surface.height).filter(|mark| mark.at >= WIDTH_PX) {
        let (y, length) = (mark.at.floor() + 0.5, if mark.is_numbered { 10.0 } else { 4.0 });
        context.move_to(WIDTH_PX - length, y);
        context.line_to(WIDTH_PX, y);
        if mark.is_numbered {
            context.save();
            let _ = context.translate(2.0, y - 3.0);
            let _ = context.rotate(-std::f64::consts::FRAC_PI_2);
            let _ = context.fill_text(&mark.pixel.to_string(), 0.0, 0.0);
            context.restore();
        }
    }
    context.stroke();
}
