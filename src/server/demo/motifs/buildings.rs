//! Houses, barns, lighthouses, towers, lamps.

use super::sky::Light;
use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

/// What a window shows: the sky by day, lamplight by night.
fn pane(light: &Light) -> Colour {
    if light.dusk > 0.2 { rgb(0xFF_D9_7A) } else { rgb(0x9F_C6_DE) }
}

fn window(s: &mut Scene, light: &Light, x: f64, y: f64, w: f64, h: f64) {
    s.boxed("Window", |s| {
        let glass = pane(light);
        let paint = s.down(&[(0.0, glass.lighter(0.35)), (1.0, glass.darker(0.1))]);
        let frame = light.on(rgb(0xFB_F6_EA), 0.0);
        s.draw(&Outline::rect(x, y, w, h), Paint::from(paint.as_str()).edged(frame, w * 0.1));
        s.draw(&Outline::polyline(&[(x + w / 2.0, y), (x + w / 2.0, y + h)]), Paint::line(frame, w * 0.06));
        s.draw(&Outline::polyline(&[(x, y + h / 2.0), (x + w, y + h / 2.0)]), Paint::line(frame, w * 0.06));
    });
}

/// A house with a gabled roof, `size` wide, the middle of its foot at `foot`.
pub(in crate::server::demo) fn house(s: &mut Scene, light: &Light, foot: Place, size: f64) {
    let wall = s.random.pick(&[rgb(0xF3_E6_CE), rgb(0xE7_C9_A4), rgb(0xD9_E2_E0), rgb(0xE9_B9_9A), rgb(0xF4_DC_8C)]);
    let roof = s.random.pick(&[rgb(0xB3_4F_3A), rgb(0x8C_43_3B), rgb(0x5A_60_72), rgb(0x9A_5B_3C)]);
    let door = s.random.pick(&[rgb(0x3E_6B_7A), rgb(0x7A_3B_33), rgb(0x3F_6A_45)]);
    s.placed(foot, size, 0.0, |s| {
        s.shadow(0.08, 0.0, 0.62, 0.045, 0.3);
        s.boxed("House", |s| {
            let chimney = light.on(rgb(0xA0_5A_48), 0.0);
            s.draw(&Outline::rect(0.2, -0.95, 0.11, 0.35), chimney);
            s.draw(&Outline::rect(0.185, -0.97, 0.14, 0.05), chimney.darker(0.25));
            let paint = s.across(&[
                (0.0, light.on(wall.lighter(0.15), 0.0)),
                (0.7, light.on(wall, 0.0)),
                (1.0, light.on(wall.darker(0.25), 0.0)),
            ]);
            s.draw(
                &Outline::polygon(&[(-0.45, 0.0), (-0.45, -0.5), (0.0, -0.86), (0.45, -0.5), (0.45, 0.0)]),
                paint.as_str(),
            );
            s.draw(
                &Outline::polygon(&[
                    (-0.45, -0.5),
                    (0.0, -0.86),
                    (0.45, -0.5),
                    (0.45, -0.44),
                    (0.0, -0.78),
                    (-0.45, -0.44),
                ]),
                Paint::from(rgb(0x20_18_20)).opacity(0.18),
            );
            let tiles = s.across(&[(0.0, light.on(roof.lighter(0.12), 0.0)), (1.0, light.on(roof.darker(0.3), 0.0))]);
            s.draw(
                &Outline::polygon(&[
                    (-0.55, -0.44),
                    (0.0, -0.9),
                    (0.55, -0.44),
                    (0.52, -0.52),
                    (0.0, -0.98),
                    (-0.52, -0.52),
                ]),
                Paint::from(tiles.as_str()).edged(light.on(roof.darker(0.2), 0.0), 0.035),
            );
            window(s, light, -0.36, -0.4, 0.19, 0.2);
            window(s, light, 0.17, -0.4, 0.19, 0.2);
            s.draw(
                &Outline::circle(0.0, -0.63, 0.06),
                Paint::from(pane(light)).edged(light.on(rgb(0xFB_F6_EA), 0.0), 0.02),
            );
            s.boxed("Door", |s| {
                let paint = s.down(&[(0.0, light.on(door.lighter(0.15), 0.0)), (1.0, light.on(door.darker(0.2), 0.0))]);
                s.draw(&Outline::round_rect(-0.09, -0.33, 0.18, 0.33, 0.03), paint.as_str());
            });
            s.draw(&Outline::circle(0.055, -0.16, 0.012), rgb(0xF0_D0_70));
        });
    });
}

/// A red barn.
pub(in crate::server::demo) fn barn(s: &mut Scene, light: &Light, foot: Place, size: f64) {
    let red = rgb(0x00A8_3A32);
    s.placed(foot, size, 0.0, |s| {
        s.shadow(0.08, 0.0, 0.6, 0.04, 0.3);
        s.boxed("House", |s| {
            let paint = s.across(&[(0.0, light.on(red.lighter(0.15), 0.0)), (1.0, light.on(red.darker(0.25), 0.0))]);
            s.draw(
                &Outline::polygon(&[
                    (-0.45, 0.0),
                    (-0.45, -0.42),
                    (-0.3, -0.68),
                    (0.0, -0.82),
                    (0.3, -0.68),
                    (0.45, -0.42),
                    (0.45, 0.0),
                ]),
                paint.as_str(),
            );
            for step in 1..9 {
                let x = -0.45 + 0.1 * f64::from(step);
                s.draw(
                    &Outline::polyline(&[(x, 0.0), (x, -0.42)]),
                    Paint::line(light.on(red.darker(0.4), 0.0), 0.006).opacity(0.5),
                );
            }
            let roof = Outline::polyline(&[(-0.5, -0.38), (-0.32, -0.71), (0.0, -0.86), (0.32, -0.71), (0.5, -0.38)]);
            s.draw(&roof, Paint::line(light.on(rgb(0x55_50_5A), 0.0), 0.07));
            s.boxed("Door", |s| {
                let white = light.on(rgb(0xF6_EE_E0), 0.0);
                s.draw(
                    &Outline::rect(-0.16, -0.36, 0.32, 0.36),
                    Paint::from(light.on(red.darker(0.15), 0.0)).edged(white, 0.022),
                );
                s.draw(&Outline::polyline(&[(-0.16, -0.36), (0.16, 0.0)]), Paint::line(white, 0.018));
                s.draw(&Outline::polyline(&[(0.16, -0.36), (-0.16, 0.0)]), Paint::line(white, 0.018));
            });
            window(s, light, -0.07, -0.62, 0.14, 0.13);
        });
    });
}

/// A lighthouse of `height` with its beam.
pub(in crate::server::demo) fn lighthouse(s: &mut Scene, light: &Light, foot: Place, height: f64) {
    s.placed(foot, height, 0.0, |s| {
        if light.dusk > 0.2 {
            let beam = Outline::polygon(&[(0.0, -0.9), (-3.4, -1.35), (-3.4, -0.7)]);
            s.draw(&beam, Paint::from(rgb(0xFF_F2_B8)).opacity(0.22).blur(0.05));
            let glow = s.glow(rgb(0xFF_F2_B8), 0.85);
            s.draw(&Outline::circle(0.0, -0.9, 0.4), glow);
        }
        s.boxed("Lighthouse", |s| {
            let side = |y: f64| 0.13 + 0.07 * (y + 0.8).clamp(0.0, 0.8) / 0.8;
            for band in 0..5 {
                let (top, bottom) = (-0.8 + 0.16 * f64::from(band), -0.64 + 0.16 * f64::from(band));
                let colour = if band % 2 == 0 { rgb(0xC9_3B_36) } else { rgb(0xF8_F5_EE) };
                let paint = s.across(&[
                    (0.0, light.on(colour.lighter(0.15), 0.0)),
                    (0.5, light.on(colour, 0.0)),
                    (1.0, light.on(colour.darker(0.4), 0.0)),
                ]);
                let (a, b) = (side(top) * 0.75, side(bottom) * 0.75);
                s.draw(&Outline::polygon(&[(-a, top), (a, top), (b, bottom), (-b, bottom)]), paint.as_str());
            }
            let iron = light.on(rgb(0x33_3A_48), 0.0);
            s.draw(&Outline::rect(-0.14, -0.83, 0.28, 0.035), iron);
            s.draw(&Outline::rect(-0.075, -0.96, 0.15, 0.13), Paint::from(rgb(0xFF_E9_A0)).edged(iron, 0.015));
            s.draw(&Outline::polygon(&[(-0.1, -0.96), (0.0, -1.06), (0.1, -0.96)]), iron);
        });
    });
}

/// A tower of flats or offices with lit windows.
#[expect(clippy::too_many_arguments, reason = "measures of one place, which no structure would make clearer")]
pub(in crate::server::demo) fn tower(
    s: &mut Scene,
    light: &Light,
    left: f64,
    foot: f64,
    width: f64,
    height: f64,
    distance: f64,
    object: Option<&str>,
) {
    let wall = s.random.pick(&[rgb(0x5A_68_8A), rgb(0x6B_62_7C), rgb(0x4E_6A_78), rgb(0x7A_74_86)]);
    let paint = s.across(&[(0.0, light.on(wall.lighter(0.15), distance)), (1.0, light.on(wall.darker(0.2), distance))]);
    let top = foot - height;
    let notch = width * s.random.range(0.15, 0.3);
    let stepped = s.random.chance(0.5);
    let outline = if stepped {
        let lift = height * 0.08;
        Outline::polygon(&[
            (left, foot),
            (left, top),
            (left + notch, top),
            (left + notch, top - lift),
            (left + width - notch, top - lift),
            (left + width - notch, top),
            (left + width, top),
            (left + width, foot),
        ])
    } else {
        Outline::rect(left, top, width, height)
    };
    s.draw(&outline, paint.as_str());
    let columns = s.random.count(3, 5);
    let cell = width / (columns as f64 + 0.6);
    let rows = (height / (cell * 1.35)) as usize;
    for row in 0..rows {
        for column in 0..columns {
            let lit = s.random.chance(if light.dusk > 0.2 { 0.45 } else { 0.25 });
            let glass = if light.dusk > 0.2 { rgb(0xFF_DD_8A) } else { light.sky[2] };
            let colour =
                if lit { glass.mix(light.haze, distance * 0.6) } else { light.on(wall.darker(0.45), distance) };
            let at = (left + cell * (column as f64 + 0.45), top + cell * 0.5 + row as f64 * cell * 1.35);
            s.draw(
                &Outline::rect(at.0, at.1, cell * 0.6, cell * 0.75),
                Paint::from(colour).opacity(if lit { 0.95 } else { 0.6 }),
            );
        }
    }
    // Only now: windows do not hide the tower.
    if let Some(object) = object {
        s.mark(object, &outline);
    }
}

/// A street lamp.
pub(in crate::server::demo) fn street_lamp(s: &mut Scene, light: &Light, foot: Place, height: f64) {
    s.placed(foot, height, 0.0, |s| {
        if light.dusk > 0.2 {
            let glow = s.glow(rgb(0xFF_E3_A0), 0.7);
            s.draw(&Outline::circle(0.24, -0.95, 0.5), glow);
        }
        s.boxed("Street lamp", |s| {
            let iron = light.on(rgb(0x3B_44_50), 0.0);
            let pole =
                Outline::from((0.0, 0.0)).line_to((0.0, -0.8)).curve_to((0.0, -0.98), (0.1, -1.0), (0.24, -0.99));
            s.draw(&pole, Paint::line(iron, 0.03));
            s.draw(&Outline::rect(-0.035, -0.06, 0.07, 0.06), iron);
            s.draw(
                &Outline::polygon(&[(0.16, -0.98), (0.32, -0.98), (0.29, -0.94), (0.19, -0.94)]),
                Paint::from(rgb(0xFF_F0_C0)).edged(iron, 0.012),
            );
        });
    });
}
